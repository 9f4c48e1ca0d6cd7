"""The progress of the views, which follow the log within moments."""

import asyncio

import asyncpg

from placet_audit.domain import marks
from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.meters import Attributes

__all__ = ["VIEWS_LAG", "log_head", "views_lag", "views_reach"]

VIEWS_LAG = Instrument("placet.audit.views.lag", "gauge", "{entry}", "Entries of the log that the views do not show yet.")

VIEWS_INDEX = f"select index from projection_marks where name = '{marks.VIEWS}'"
LOG_HEAD = "select coalesce(max(index), -1) from entries"
LOOK_EVERY = 0.01


async def log_head(pool: asyncpg.Pool) -> int:
    """The last index of the log; -1 when it is empty."""
    index: int = await pool.fetchval(LOG_HEAD)
    return index


async def views_lag(pool: asyncpg.Pool) -> list[tuple[float, Attributes]]:
    """The number of entries that the views do not include yet."""
    return [(max(await log_head(pool) - await pool.fetchval(VIEWS_INDEX), 0), {})]


async def views_reach(pool: asyncpg.Pool, index: int, seconds: float) -> bool:
    """Wait, at most so long, until the views include the entry; returns whether they do."""
    deadline = asyncio.get_running_loop().time() + seconds
    while await pool.fetchval(VIEWS_INDEX) < index:
        if asyncio.get_running_loop().time() >= deadline:
            return False
        await asyncio.sleep(LOOK_EVERY)
    return True
