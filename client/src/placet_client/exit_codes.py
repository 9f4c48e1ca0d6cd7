"""Exit codes of commands; fixed, since pipelines depend on them."""

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """`gate` and `wait` use all of them, other commands 0, 1, 2 and 4."""

    YES = 0
    NO = 1
    USAGE = 2
    TIMED_OUT = 3
    CANNOT_TELL = 4
    WARNED = 5
