"""The form in which a command prints its result: a table for people, a document for programs, or the names alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Form", "Printed", "printed", "printed_as"]


class Form(StrEnum):
    """What `--output` takes."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


@dataclass(frozen=True, slots=True)
class Printed:
    """`names_only` leaves out everything but ids and names that a further command takes, and notes about the result."""

    form: Form = Form.TABLE
    names_only: bool = False


AS_A_TABLE = Printed()
_printed = ContextVar("printed", default=AS_A_TABLE)


def printed() -> Printed:
    """How the running command prints."""
    return _printed.get()


@contextmanager
def printed_as(form: Form, *, names_only: bool) -> Iterator[None]:
    """For one command."""
    token = _printed.set(Printed(form, names_only))
    try:
        yield
    finally:
        _printed.reset(token)
