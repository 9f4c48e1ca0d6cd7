"""What a script reads of a command's end; fixed, as pipelines are built on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import httpx
import typer

from placet_client import ClientError, Missing, Problem, Unintelligible, Unreachable
from placet_client.printing.errors import show_error

__all__ = ["ExitCode", "exit_code_of", "undecided_on_error"]


class ExitCode(IntEnum):
    """`gate` and `wait` use all of them, other commands 0, 1, 2 and 4."""

    YES = 0
    NO = 1
    USAGE = 2
    TIMED_OUT = 3
    CANNOT_TELL = 4
    WARNED = 5


MISUNDERSTOOD = {httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY}


def exit_code_of(error: ClientError) -> ExitCode:
    """Of a command that ends in this error."""
    if isinstance(error, Problem):
        return ExitCode.NO if error.status < httpx.codes.INTERNAL_SERVER_ERROR else ExitCode.CANNOT_TELL
    if isinstance(error, Missing):
        return ExitCode.NO
    return ExitCode.CANNOT_TELL if isinstance(error, Unreachable | Unintelligible) else ExitCode.USAGE


@contextmanager
def undecided_on_error() -> Iterator[None]:
    """For commands whose 1 means that somebody said no: whatever else went wrong is no decision."""
    try:
        yield
    except ClientError as error:
        show_error(error)
        code = exit_code_of(error)
        if isinstance(error, Problem | Missing):
            code = ExitCode.USAGE if isinstance(error, Problem) and error.status in MISUNDERSTOOD else ExitCode.CANNOT_TELL
        raise typer.Exit(code) from error
