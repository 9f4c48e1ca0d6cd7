"""How tests of every package wait: for a condition, not for a time, and with a deadline that says what was waited for."""

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["FOREVER", "until"]

FOREVER = 120.0


async def until(condition: Callable[..., Any], *args: Any, seconds: float = FOREVER) -> None:
    """Look again and again until a condition, which may be a coroutine, holds; a test that waits in vain fails and says for what."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                holds = condition(*args)
                if await holds if inspect.isawaitable(holds) else holds:
                    return
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"waited {seconds:g} s in vain for {_named(condition, *args)}") from None


def _named(condition: Callable[..., Any], *args: Any) -> str:
    """The condition's name, what it is asked, and the line where it is written."""
    code = getattr(condition, "__code__", None)
    where = f" ({Path(code.co_filename).name}:{code.co_firstlineno})" if code else ""
    return f"{getattr(condition, '__qualname__', repr(condition))}{args or ''}{where}"
