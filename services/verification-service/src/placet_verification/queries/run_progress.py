"""The progress of runs, for requests that follow it: the place in the queue, the attempt that is running, the end.

A claim is no event, so nothing reports it: the tables are read once a second for all who follow, however many they are and however busy the
store is. Nothing is read while no request follows.
"""

from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from placet_shared.bus.waiters import Waiters
from placet_shared.errors import NotFound
from placet_verification.queries.queue_places import places_of_runs

__all__ = ["FollowedRuns", "RunProgress"]

EVERY_SECONDS = 1.0
PROGRESS = """
    select r.run_id, r.outcome, j.lease_until > statement_timestamp() as is_held, a.number as attempt, a.started_at,
           r.ended_at, r.result_sha256, r.reason_code
    from runs r
    left join jobs j on j.run_id = r.run_id
    left join lateral (
        select number, started_at from attempts where run_id = r.run_id order by number desc limit 1
    ) a on true
    where r.run_id = any ($1)
"""


@dataclass(frozen=True, slots=True)
class RunProgress:
    """`place` is None unless it is queued; `attempt` and `started_at` are the last attempt's, None before the first."""

    id: str
    status: str
    place: int | None
    attempt: int | None
    started_at: datetime | None
    ended_at: datetime | None
    result_sha256: str | None
    reason_code: str | None

    @property
    def ended(self) -> bool:
        """Whether there will be no further progress."""
        return self.ended_at is not None

    @property
    def key(self) -> str:
        """The same for the same progress, so that a reader who has it already is not told again."""
        return f"{self.status}-{self.attempt or 0}-{self.place or 0}"


class FollowedRuns:
    """Of one process."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.waiters: Waiters[str, RunProgress] = Waiters("progress of runs", self._read, every_seconds=EVERY_SECONDS)

    def stop(self) -> None:
        """The process stops: end all streams."""
        self.waiters.stop()

    async def read(self, run_id: str) -> RunProgress:
        """The progress now; raises `NotFound`."""
        now = (await self._read([run_id])).get(run_id)
        if now is None:
            raise NotFound(f"There is no run {run_id}.", code="run_not_found")
        return now

    async def changes(self, run_id: str, known: str | None, seconds: float) -> AsyncGenerator[RunProgress, None]:
        """The progress, unless it is the known one, and each further one until the run has ended; no longer than so many seconds."""

        def is_news(now: RunProgress) -> bool:
            return now.ended or now.key != known

        with self.waiters.joined(run_id, is_news, seconds) as waiter:
            while (now := await waiter.news()) and now.key != known:
                known = now.key
                yield now
                if now.ended or self.waiters.is_stopped:
                    return

    async def _read(self, run_ids: Collection[str]) -> Mapping[str, RunProgress]:
        rows = await self._pool.fetch(PROGRESS, run_ids)
        queued = [row["run_id"] for row in rows if row["outcome"] is None and not row["is_held"]]
        places = await places_of_runs(self._pool, queued) if queued else {}
        return {row["run_id"]: _progress(row, places.get(row["run_id"])) for row in rows}


def _progress(row: asyncpg.Record, place: int | None) -> RunProgress:
    status = row["outcome"] or ("running" if row["is_held"] else "queued")
    rest = {name: row[name] for name in ("attempt", "started_at", "ended_at", "result_sha256", "reason_code")}
    return RunProgress(row["run_id"], status, place, **rest)
