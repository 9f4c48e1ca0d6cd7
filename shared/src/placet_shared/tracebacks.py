"""Tracebacks for the log: where an error happened and of which kind it is, without the values that callers have sent."""

import traceback
from collections.abc import Iterator

import asyncpg

__all__ = ["traceback_without_values"]

# Drivers and parsers quote the value that they refuse, and that may be somebody's name or address.
_QUOTING = (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, LookupError)


def traceback_without_values(error: BaseException) -> str:
    """The traceback of an error and of those that led to it; of errors that quote a value the kind alone."""
    return "".join(_lines(error, set()))


def _lines(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _lines(before, seen)
        yield "\nwhich led to:\n\n"
    yield from traceback.format_tb(error.__traceback__)
    for one in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _lines(one, seen)
    yield f"{_kind(error)}{_said(error)}\n"


def _kind(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def _said(error: BaseException) -> str:
    if isinstance(error, asyncpg.PostgresError):
        return f" ({error.sqlstate})"
    return "" if isinstance(error, _QUOTING) else f": {error}"
