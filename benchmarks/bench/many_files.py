"""A thousand connections are more than many systems allow a process at first."""

import resource

__all__ = ["allow_many_files"]


def allow_many_files() -> None:
    """As many as this process may ask for."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
