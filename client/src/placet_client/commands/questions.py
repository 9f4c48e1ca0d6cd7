"""The exit code of a question that could not be answered."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from placet_client.printing.errors import show_error
from placet_client.problems import ClientError

__all__ = ["undecided_on_error"]


@contextmanager
def undecided_on_error() -> Iterator[None]:
    """For commands whose 1 means that the answer is no: an error is no answer."""
    try:
        yield
    except ClientError as error:
        show_error(error)
        raise typer.Exit(error.exit_code_of_question) from error
