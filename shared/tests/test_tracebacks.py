"""Tracebacks say where and what kind, and quote no value."""

import asyncpg
import pytest

from placet_shared.tracebacks import traceback_without_values

ADDRESS = "carol@example.org"


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except Exception as caught:
        return caught


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("the pool is closed"), "RuntimeError: the pool is closed"),
        (ValueError(f"no number: {ADDRESS}"), "ValueError"),
        (KeyError(ADDRESS), "KeyError"),
        (UnicodeEncodeError("utf-8", ADDRESS, 0, 1, ADDRESS), "UnicodeEncodeError"),
        (asyncpg.DataError(f"invalid input for query argument $1: {ADDRESS}"), "asyncpg.exceptions.DataError (22000)"),
        (asyncpg.InterfaceError(ADDRESS), "asyncpg.exceptions._base.InterfaceError"),
        (ExceptionGroup("several", [ValueError(ADDRESS)]), "ExceptionGroup: several (1 sub-exception)"),
    ],
)
def test_traceback_of_an_error(error: Exception, said: str) -> None:
    text = traceback_without_values(raised(error))
    assert text.splitlines()[-1] == said
    assert "in raised" in text
    assert ADDRESS not in text


def test_traceback_of_an_error_with_causes() -> None:
    text = traceback_without_values(raised(RuntimeError("no answer"), raised(ValueError(ADDRESS))))
    assert text.index("ValueError") < text.index("which led to:") < text.index("RuntimeError: no answer")
    assert ADDRESS not in text
