"""A sign-off's state, as its waiters receive it."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import asyncpg

from placet_approval.domain.known_sign_off import SignOffState
from placet_shared.postgres.connections import connect
from placet_shared.postgres.errors import DATABASE_ERRORS, is_passing

__all__ = ["Progress", "ProgressReader", "ReadProgress"]

# Those of these sign-offs that exist, in one read of the table.
ReadProgress = Callable[[Collection[str]], Awaitable[Mapping[str, "Progress"]]]

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


class ProgressReader:
    """Reads for all waiters on a connection of its own, made with its plan at the first read; `async with` closes it.

    Every fraction of a millisecond delays all waiters, and planning takes as long as reading. Not prepared before: the driver sends
    that without a commit, so that the session would hold its locks until the first waiter comes.
    """

    def __init__(self, url: str, schema: str) -> None:
        self._url = url
        self._schema = schema
        self._connection: asyncpg.Connection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._forget()

    async def read(self, ids: Collection[str]) -> Mapping[str, Progress]:
        """Those of these sign-offs that exist. A connection that was lost while there was nothing to read is made anew."""
        kept = self._connection
        try:
            return await self._read(ids)
        except DATABASE_ERRORS as error:
            self._forget()
            if kept is None or not is_passing(error):
                raise
        return await self._read(ids)

    async def _read(self, ids: Collection[str]) -> Mapping[str, Progress]:
        rows = await (await self._connected()).fetch(STATES, sorted(ids), timeout=READ_SECONDS)
        return {row["id"]: Progress(**dict(row)) for row in rows}

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None:
            how = {"plan_cache_mode": "force_generic_plan", "idle_session_timeout": "0"}
            self._connection = await connect(self._url, self._schema, "placet waiting", **how)
        return self._connection

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
