"""Tracebacks for the log: where an error happened and of which kind it is, without the values that callers have sent."""

import traceback
from collections.abc import Iterator

__all__ = ["traceback_without_values"]

# Drivers and parsers quote the value that they refuse, and that may be a person's name or address.
_QUOTING = (ValueError, LookupError)
_DRIVER = "asyncpg"


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
    if state := getattr(error, "sqlstate", None):
        return f" ({state})"
    return "" if isinstance(error, _QUOTING) or _is_of_the_driver(error) else f": {error}"


def _is_of_the_driver(error: BaseException) -> bool:
    return any(kind.__module__.partition(".")[0] == _DRIVER for kind in type(error).__mro__)
