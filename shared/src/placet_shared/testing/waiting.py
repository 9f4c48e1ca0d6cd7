"""The way that tests wait: for a condition, never for a time, and with a deadline whose passing says what was waited for."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar, overload

__all__ = ["DEADLINE", "eventually", "eventually_blocking"]

# Seconds; much longer than anything takes, on a busy machine too: it only ends tests that fail.
DEADLINE = 120.0

T = TypeVar("T")


@overload
async def eventually(
    condition: Callable[..., Awaitable[T | None]],
    *args: object,
    deadline: float = DEADLINE,
    state: Callable[[], object] | None = None,
) -> T: ...
@overload
async def eventually(
    condition: Callable[..., T | None],
    *args: object,
    deadline: float = DEADLINE,
    state: Callable[[], object] | None = None,
) -> T: ...
async def eventually(
    condition: Callable[..., Any],
    *args: object,
    deadline: float = DEADLINE,
    state: Callable[[], object] | None = None,
) -> Any:
    """Ask until the condition, which may be a coroutine function, gives something true, and return that.

    After `deadline` seconds the test fails with the condition's name and place, and with what `state` says.
    """
    try:
        async with asyncio.timeout(deadline):
            while True:
                answer = condition(*args)
                if holds := await answer if inspect.isawaitable(answer) else answer:
                    return holds
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(_in_vain(condition, args, deadline, state)) from None


def eventually_blocking(
    condition: Callable[..., T | None],
    *args: object,
    deadline: float = DEADLINE,
    state: Callable[[], object] | None = None,
) -> T:
    """The same for tests without an event loop."""
    ends_at = time.monotonic() + deadline
    while not (holds := condition(*args)):
        if time.monotonic() >= ends_at:
            raise AssertionError(_in_vain(condition, args, deadline, state))
        time.sleep(0.02)
    return holds


def _in_vain(condition: Callable[..., object], args: tuple[object, ...], deadline: float, state: Callable[[], object] | None) -> str:
    """The condition's name, its arguments, and the line where it is written."""
    code = getattr(condition, "__code__", None)
    where = f" ({Path(code.co_filename).name}:{code.co_firstlineno})" if code else ""
    named = f"{getattr(condition, '__qualname__', repr(condition))}{args or ''}{where}"
    return f"waited {deadline:g} s in vain for {named}" + (f": {state()}" if state else "")
