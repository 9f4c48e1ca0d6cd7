"""How a sign-off stands, as those who wait for it are told."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from placet_approval.domain.known_sign_off import SignOffState
from placet_shared.postgres.connections import connect

__all__ = ["OpenReader", "Progress", "ReadProgress", "progress_reader", "read_progress"]

# Of those sign-offs that there are, by id, in one read of the table.
ReadProgress = Callable[[Sequence[str]], Awaitable[Mapping[str, "Progress"]]]
OpenReader = Callable[[], AbstractAsyncContextManager[ReadProgress]]

STATES = """
    select s.sign_off_id as id, s.state, s.state = 'approved' and s.expires_at <= clock_timestamp() as expired, s.stream_version,
           s.model_id, s.version_id, s.environment, s.changed_at, s.expires_at, s.state <> 'pending' as ended,
           (select e.traceparent from events e where e.stream = 'signoff-' || s.sign_off_id and e.version = s.stream_version)
    from sign_offs s where s.sign_off_id = any ($1)
"""
READ_SECONDS = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """How a sign-off stands; all who are told at the same moment are told the same one.

    `stream_version` grows with every act. `traceparent` is the trace context of the act that led to this state.
    """

    id: str
    state: SignOffState
    expired: bool
    stream_version: int
    model_id: str
    version_id: str
    environment: str
    changed_at: datetime
    expires_at: datetime | None
    traceparent: str | None
    ended: bool


async def read_progress(pool: asyncpg.Pool, ids: Sequence[str]) -> Mapping[str, Progress]:
    """For whoever begins to wait."""
    return _by_id(await pool.fetch(STATES, list(ids)))


def progress_reader(url: str, schema: str) -> OpenReader:
    """For the one who wakes those who wait: on a connection of its own, with a plan that is made once, at the first read.

    They wait for every part of a millisecond of it, and planning takes as long as reading. Not prepared before: the driver
    sends that without an end, so that the session would hold its locks until somebody waits.
    """

    @asynccontextmanager
    async def opened() -> AsyncIterator[ReadProgress]:
        connection = await connect(url, schema, "placet waiting", plan_cache_mode="force_generic_plan", idle_session_timeout="0")
        try:

            async def read(ids: Sequence[str]) -> Mapping[str, Progress]:
                return _by_id(await connection.fetch(STATES, list(ids), timeout=READ_SECONDS))

            yield read
        finally:
            connection.terminate()

    return opened


def _by_id(rows: Iterable[asyncpg.Record]) -> Mapping[str, Progress]:
    return {row["id"]: Progress(**dict(row)) for row in rows}
