"""How tests wait: for a condition, not for a time."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

FOREVER = 120.0


async def until(condition: Callable[..., Any], *args: Any) -> None:
    """Look again and again until a condition, which may be a coroutine, holds; a test that waits in vain fails."""
    async with asyncio.timeout(FOREVER):
        while True:
            holds = condition(*args)
            if await holds if inspect.isawaitable(holds) else holds:
                return
            await asyncio.sleep(0.01)
