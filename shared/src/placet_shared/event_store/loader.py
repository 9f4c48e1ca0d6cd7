"""Loads: all streams and idempotency keys that commands are waiting for, in one statement (rule 14).

A caller that knows a stream up to a version names it, and gets that version's event without its bytes, to see that it is the same, and
all later ones.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from placet_shared.errors import Unavailable
from placet_shared.event_store.committing import Connect
from placet_shared.event_store.records import Committed, Position
from placet_shared.postgres.connections import close
from placet_shared.postgres.errors import DATABASE_ERRORS, is_passing, leaves_connection_unusable

__all__ = ["Loaded", "Loader", "StoredAnswer"]

logger = logging.getLogger(__name__)

# Three kinds of rows: the clock, events of the streams, answers to the keys.
LOAD = """
    select 0 as kind, null::text as a, null::text as b, null::integer as n, null::integer as m, clock_timestamp() as at,
           null::bytea as data, null::bytea as hash, null::bigint as position, null::integer as epoch, null::uuid as id,
           null::text as nonce
    union all
    select 1, e.stream, e.type, e.version, e.schema_version, e.recorded_at,
           case when e.version > k.version then e.data else '' end, null, null, null, e.id, null
    from unnest($1::text[], $2::integer[]) k(stream, version) join events e on e.stream = k.stream and e.version >= k.version
    union all
    select 2, w.place::text, a.location, a.status, a.etag, a.answered_at, a.body, a.hash, a.position, a.epoch, e.id, p.nonce
    from unnest($3::text[], $4::text[]) with ordinality w(actor, key, place)
    join answers a on a.actor = w.actor and a.key = w.key and a.answered_at > clock_timestamp() - interval '24 hours'
    left join events e on e.position = a.position left join epochs p on p.epoch = a.epoch
"""
ATTEMPTS = 6


class StoredEvent(NamedTuple):
    """One event of a stream, as loading needs it; `data` is empty when its version is known already."""

    type: str
    version: int
    schema_version: int
    recorded_at: datetime
    data: bytes
    id: UUID


class StoredAnswer(msgspec.Struct, frozen=True):
    """The answer an idempotency key had, and the hash of the request that had it."""

    hash: bytes
    committed: Committed


class Loaded(msgspec.Struct, frozen=True):
    """The requested streams, the answer to the key if any, and the database's time.

    Of each stream the events from the known version on, oldest first; empty when there are none, and then it was not known rightly.
    """

    streams: dict[str, Sequence[StoredEvent]]
    answer: StoredAnswer | None
    decided_at: datetime


class _Asked(msgspec.Struct, frozen=True):
    streams: Mapping[str, int]
    key: tuple[str, str] | None
    future: asyncio.Future[Loaded]


class Loader:
    """One query at a time; callers that arrive while it is in flight share the next one."""

    def __init__(self, connect: Connect, source: str) -> None:
        self.on_batch: Callable[[int], None] = lambda size: None
        self._connect = connect
        self._source = source
        self._connection: asyncpg.Connection | None = None
        self._waiting: list[_Asked] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to answer; the first question connects."""
        self._task = asyncio.create_task(self._run(), name=f"{self._source} loader")

    async def close(self) -> None:
        """Stop answering."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for asked in self._waiting:
            asked.future.cancel()
        if self._connection:
            await close(self._connection)

    async def load(self, streams: Mapping[str, int], key: tuple[str, str] | None = None) -> Loaded:
        """The streams as they are now, from the version given on (0 for all); raises `Unavailable` when the database is out of reach."""
        future: asyncio.Future[Loaded] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(streams, key, future))
        self._wake.set()
        return await future

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            asked, self._waiting = self._waiting, []
            self.on_batch(len(asked))
            try:
                answers = await self._ask(asked)
            except Exception as error:
                for one in asked:
                    if not one.future.done():
                        one.future.set_exception(error)
                continue
            for one, loaded in zip(asked, answers, strict=True):
                if not one.future.done():
                    one.future.set_result(loaded)

    async def _ask(self, asked: Sequence[_Asked]) -> list[Loaded]:
        streams: dict[str, int] = {}
        for one in asked:
            for stream, known in one.streams.items():
                streams[stream] = min(known, streams.get(stream, known))
        keys = [one.key for one in asked if one.key]
        rows = await self._fetch(streams, keys)
        return _deal(self._source, asked, rows)

    async def _fetch(self, streams: Mapping[str, int], keys: Sequence[tuple[str, str]]) -> list[asyncpg.Record]:
        for attempt in range(ATTEMPTS):
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await self._connect()
                rows: list[asyncpg.Record] = await self._connection.fetch(
                    LOAD, [*streams], [*streams.values()], [actor for actor, _ in keys], [key for _, key in keys]
                )
                return rows
            except DATABASE_ERRORS as error:
                if not is_passing(error):
                    raise
                logger.warning("the event store is out of reach: %s", error)
                self._drop_if_stuck(error)
                await asyncio.sleep(0.05 * 2**attempt)
        raise Unavailable("the event store can't be reached", code="store_unreachable")

    def _drop_if_stuck(self, error: Exception) -> None:
        """A connection that lost its server in the middle may be unusable without reporting it."""
        if leaves_connection_unusable(error) and self._connection:
            self._connection.terminate()
            self._connection = None


def _deal(source: str, asked: Sequence[_Asked], rows: Sequence[asyncpg.Record]) -> list[Loaded]:
    events: dict[str, list[StoredEvent]] = defaultdict(list)
    answers: dict[int, StoredAnswer] = {}
    decided_at: datetime | None = None
    for kind, a, b, n, m, at, data, hash_, position, epoch, id_, nonce in rows:
        if kind == 0:
            decided_at = at
        elif kind == 1:
            events[a].append(StoredEvent(b, n, m, at, data, id_))
        else:
            at_position = Position(source, epoch, position, str(id_) if id_ else None, nonce)
            committed = Committed(n, data, m, b, at_position, replayed=True)
            answers[int(a)] = StoredAnswer(hash_, committed)
    assert decided_at is not None
    for stored in events.values():
        if len(stored) > 1:
            stored.sort(key=attrgetter("version"))
    dealt: list[Loaded] = []
    place = 0
    for one in asked:
        place += one.key is not None
        answer = answers.get(place) if one.key else None
        dealt.append(Loaded({stream: _from(known, events.get(stream, ())) for stream, known in one.streams.items()}, answer, decided_at))
    return dealt


def _from(version: int, stored: Sequence[StoredEvent]) -> Sequence[StoredEvent]:
    """The events for one caller, of a stream that another caller knew less of."""
    return stored if not stored or stored[0].version >= version else [one for one in stored if one.version >= version]
