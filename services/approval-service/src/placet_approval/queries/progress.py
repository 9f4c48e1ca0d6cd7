"""A sign-off's state, as its waiters receive it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from placet_approval.domain.known_sign_off import SignOffState
from placet_shared.postgres.connections import connect

__all__ = ["OpenReader", "Progress", "ReadProgress", "progress_reader", "read_progress"]

# Those of these sign-offs that exist, in one read of the table.
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
    """A sign-off's state; waiters that are notified at the same moment share one object.

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
    """For a waiter that begins to wait."""
    return _by_id(await pool.fetch(STATES, list(ids)))


def progress_reader(url: str, schema: str) -> OpenReader:
    """For the listener that wakes the waiters: on a connection of its own, with a plan that is made once, at the first read.

    Every fraction of a millisecond delays all waiters, and planning takes as long as reading. Not prepared before: the driver sends
    that without a commit, so that the session would hold its locks until the first waiter comes.
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
