"""The progress of the views, which follow the log within moments."""

from collections.abc import Collection, Mapping

import asyncpg

from placet_audit.domain import marks
from placet_shared.bus.waiters import Waiters
from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.meters import Attributes

__all__ = ["VIEWS_LAG", "ViewsReach", "log_head", "views_lag"]

VIEWS_LAG = Instrument("placet.audit.views.lag", "gauge", "{entry}", "Entries of the log that the views do not show yet.")

VIEWS_INDEX = f"select index from projection_marks where name = '{marks.VIEWS}'"
LOG_HEAD = "select coalesce(max(index), -1) from entries"


async def log_head(connection: asyncpg.Pool | asyncpg.Connection) -> int:
    """The last index of the log; -1 when it is empty."""
    index: int = await connection.fetchval(LOG_HEAD)
    return index


async def views_lag(pool: asyncpg.Pool) -> list[tuple[float, Attributes]]:
    """The number of entries that the views do not include yet."""
    return [(max(await log_head(pool) - await pool.fetchval(VIEWS_INDEX), 0), {})]


class ViewsReach:
    """The requests of one process that wait for the views; the projector wakes them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.waiters: Waiters[str, int] = Waiters(marks.VIEWS, self._read)

    async def wait(self, index: int, seconds: float) -> bool:
        """Wait, at most so long, until the views include the entry; returns whether they do."""
        reached = await self.waiters.wait(marks.VIEWS, lambda reached: reached >= index, seconds)
        return reached is not None and reached >= index

    async def wait_for_log(self, seconds: float) -> bool:
        """The same for the last entry that the log has now."""
        return await self.wait(await log_head(self._pool), seconds)

    async def _read(self, names: Collection[str]) -> Mapping[str, int]:
        return dict.fromkeys(names, await self._pool.fetchval(VIEWS_INDEX))
