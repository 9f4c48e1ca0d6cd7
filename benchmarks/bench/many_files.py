"""Raises the limit of open files: a thousand connections are more than many systems allow by default."""

import resource

__all__ = ["allow_many_files"]


def allow_many_files() -> None:
    """To this process's hard limit."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
