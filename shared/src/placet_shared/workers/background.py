"""Runs endless tasks in the background of a block, and ends them with the block."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

__all__ = ["in_background"]

logger = logging.getLogger(__name__)

# Clients of a broker that does not answer have five seconds each; what takes longer waits for a database that does not answer either.
END_SECONDS = 6.0


@asynccontextmanager
async def in_background(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Endless tasks in the background of the block, ended with it: all at once, since each may wait for a server that does not answer."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        await _end(tasks)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """End all tasks, though one of them fails; a task that does not end in time is left behind."""
    for task in tasks:
        task.cancel()
    if not tasks:
        return
    ended, left = await asyncio.wait(tasks, timeout=END_SECONDS)
    for task in left:
        logger.warning("%r did not end within %.0f seconds and is left behind", task.get_coro(), END_SECONDS)
    for task in ended:
        if not task.cancelled() and (error := task.exception()):
            logger.error("%r had ended by an error", task.get_coro(), exc_info=error)
