"""The event store of one service: runs commands to a durable answer.

run → (key answered before? → that answer)
    → handler decides on loaded aggregates
    → writer appends, or a stream had moved: decide again (eight times in all, later and later, then 503)
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext
from typing import Any, TypeVar, TypeVarTuple

import asyncpg
import orjson

from placet_shared.crash_points import passing
from placet_shared.errors import IdempotencyMismatch, PreconditionFailed, Refusal, Unavailable
from placet_shared.event_store.aggregate_cache import AggregateCache
from placet_shared.event_store.command_span import command_span
from placet_shared.event_store.committing import BRIEF_TRANSACTIONS, STEADY_PLANS
from placet_shared.event_store.event_registry import EventRegistry
from placet_shared.event_store.loader import Loader
from placet_shared.event_store.records import Answer, Append, AppendResult, Committed, Metadata, Position, RequestKey
from placet_shared.event_store.stream_locks import Contended, StreamLocks
from placet_shared.event_store.unit_of_work import AnsweredBefore, Handler, UnitOfWork, UseCase
from placet_shared.event_store.writer import Writer
from placet_shared.postgres.connections import close_pool, connect, open_pool

__all__ = ["Check", "EventStore", "PresentRefusal", "action_of"]

logger = logging.getLogger(__name__)

DECISIONS = 8
FIRST_PAUSE = 0.01
"""Seconds at most, from the second lost conflict on."""
FORGET_ANSWERS = "delete from answers where answered_at < clock_timestamp() - interval '24 hours'"

C = TypeVar("C")
R = TypeVar("R")
Ports = TypeVarTuple("Ports")
PresentRefusal = Callable[[Refusal], Answer]
Check = Callable[[asyncpg.Connection], Awaitable[None]]


def plain_refusal(refusal: Refusal) -> Answer:
    """A refusal's answer where no API renders it."""
    return Answer(409, {"code": refusal.code, "detail": refusal.detail})


def action_of(use_case: Callable[..., Any]) -> str:
    """The action's name in refusals, spans and the audit trail: the function's own."""
    return use_case.__name__


class EventStore:
    """One per process and service; `start` before use, `close` after."""

    def __init__(self, url: str, schema: str, event_registry: EventRegistry) -> None:
        self.url = url
        self.schema = schema
        self.event_registry = event_registry
        self.source = event_registry.source
        self.loader = Loader(lambda: connect(url, schema, f"placet {self.source} loader", **STEADY_PLANS), self.source)
        self.writer = Writer(
            lambda: connect(url, schema, f"placet {self.source} writer", **STEADY_PLANS, **BRIEF_TRANSACTIONS), event_registry
        )
        self._running: dict[tuple[str, str], tuple[bytes, asyncio.Task[Committed]]] = {}
        self._pool: asyncpg.Pool | None = None
        self.locks = StreamLocks()
        self.cache = AggregateCache()

    async def start(self, check: Check | None = None) -> None:
        """Connect; raises `OSError` or `asyncpg.PostgresError` when the database is not there, and what `check` raises of it."""
        self._pool = await open_pool(self.url, self.schema, f"placet {self.source} reader")
        async with self._pool.acquire() as connection:
            if check:
                await check(connection)
            await connection.execute(FORGET_ANSWERS)
        await self.loader.start()
        await self.writer.start()

    async def close(self) -> None:
        """Finish the batches that are being written, unless the database does not answer."""
        parts = [self.writer.close(), self.loader.close(), *([close_pool(self._pool)] if self._pool else [])]
        for closed in await asyncio.gather(*parts, return_exceptions=True):
            if isinstance(closed, Exception):
                logger.error("a part of the store of %s did not close as it should", self.source, exc_info=closed)

    @property
    def pool(self) -> asyncpg.Pool:
        """The read side."""
        if self._pool is None:
            raise RuntimeError("the event store was not started")
        return self._pool

    async def run(
        self,
        handler: Handler,
        metadata: Metadata,
        actor: Any,
        *,
        action: str,
        request_key: RequestKey | None = None,
        if_match: int | None = None,
        present_refusal: PresentRefusal = plain_refusal,
    ) -> Committed:
        """Run one command until its answer is durable.

        A `Refusal` of the handler is recorded as `ActionRefused`, gets the attribute `committed` (its durable answer, as
        `present_refusal` renders it) and is raised again. Raises `PreconditionFailed`, `IdempotencyMismatch`, `Unavailable`.
        """
        with command_span(self.source, action, metadata) as spanned:
            command = _Command(self, handler, spanned.metadata, actor, action, request_key, if_match, present_refusal)
            if request_key is None:
                committed = await command.run()
            else:
                committed = await self._run_once((metadata.actor, request_key.key), request_key.hash, command.run())
            spanned.committed = committed
            return committed

    async def execute(
        self,
        use_case: UseCase[C, *Ports, R],
        command: C,
        *ports: *Ports,
        metadata: Metadata,
        actor: Any = None,
    ) -> R:
        """Run a use case for a caller that has no request to answer, and give its result once that is durable; raises what `run` raises."""
        results: list[R] = []

        async def handler(uow: UnitOfWork) -> Answer:
            results[:] = [await use_case(command, uow, *ports)]
            return Answer(200, None)

        await self.run(handler, metadata, actor, action=action_of(use_case))
        return results[0]

    async def _run_once(self, key: tuple[str, str], hash_: bytes, work: Coroutine[Any, Any, Committed]) -> Committed:
        """The same key in flight in this process: followers get the first one's result, failures included (rule 14)."""
        if running := self._running.get(key):
            work.close()
            first_hash, task = running
            if first_hash != hash_:
                raise _mismatch()
            return _as_replayed(await asyncio.shield(task))
        task = asyncio.create_task(work)
        self._running[key] = (hash_, task)
        task.add_done_callback(lambda _: self._running.pop(key, None))
        return await asyncio.shield(task)


class _Command:
    """One command on its way."""

    def __init__(
        self,
        store: EventStore,
        handler: Handler,
        metadata: Metadata,
        actor: Any,
        action: str,
        request_key: RequestKey | None,
        if_match: int | None,
        present_refusal: PresentRefusal,
    ) -> None:
        self._present_refusal = present_refusal
        self._store = store
        self._handler = handler
        self._metadata = metadata
        self._actor = actor
        self._action = action
        self._request_key = request_key
        self._if_match = if_match

    async def run(self) -> Committed:
        locks = self._store.locks
        mine: set[str] = set()
        tries = 0
        while tries < DECISIONS:
            uow = self._unit_of_work(lambda stream: stream not in mine and locks.is_locked(stream))
            try:
                async with locks.held(mine) if mine else nullcontext():
                    committed = await self._decide(uow)
            except Contended as contended:
                mine.add(contended.stream)
                continue
            except AnsweredBefore as before:
                return self._replay(before.stored.hash, before.stored.committed)
            except Refusal as refusal:
                refusal.committed = await self._record(refusal, uow.subject)
                raise
            if committed:
                return committed
            if self._if_match is not None:
                raise PreconditionFailed("It was changed at the same moment.", resolve="Read it again and repeat the request.")
            mine.update(uow.relied_on)
            await _pause_after(tries)
            tries += 1
        raise Unavailable("other commands keep changing what this command relies on", code="contention")

    async def _decide(self, uow: UnitOfWork) -> Committed | None:
        """One decision and its append; None when what it relied on had moved."""
        answer = await self._handler(uow)
        if not uow.has_events:
            return Committed(answer.status, orjson.dumps(answer.body), answer.etag, answer.location)
        effects = uow.effects(answer)
        result = await self._store.writer.append(effects)
        passing("store.before_answer")
        if result.outcome == "appended":
            uow.appended()
        return self._committed(effects, result)

    async def _record(self, refusal: Refusal, subject: str | None) -> Committed:
        """Refused actions are audit entries like successful ones."""
        uow = self._unit_of_work()
        data = {"action": self._action, "code": refusal.code, "kind": type(refusal).__name__}
        uow.record("ActionRefused", stream=f"refusal-{self._action}", subject=subject or self._metadata.actor, data=data)
        effects = uow.effects(self._present_refusal(refusal))
        committed = self._committed(effects, await self._store.writer.append(effects))
        assert committed is not None
        return committed

    def _committed(self, effects: Append, result: AppendResult) -> Committed | None:
        if result.outcome == "conflict":
            return None
        if result.stored is not None:
            return self._replay(result.stored_hash, result.stored)
        position = Position(self._store.source, result.epoch, result.last_position or 0, effects.events[-1].id, result.nonce)
        return Committed(effects.status, effects.body, effects.etag, effects.location, position)

    def _replay(self, hash_: bytes | None, committed: Committed) -> Committed:
        if self._request_key and hash_ != self._request_key.hash:
            raise _mismatch()
        return committed

    def _unit_of_work(self, is_hot: Callable[[str], bool] = lambda stream: False) -> UnitOfWork:
        store = self._store
        return UnitOfWork(
            store.loader,
            store.cache,
            store.event_registry,
            store.pool,
            self._metadata,
            self._actor,
            self._request_key,
            self._if_match,
            is_hot,
        )


async def _pause_after(tries: int) -> None:
    """Let another process's commands go first after a second lost conflict; within a process, the locks see to it.

    The pause is random and its bound doubles each time ("full jitter"): the process that won has the newest state in its cache, so
    that the other one would go on losing.
    """
    if tries:
        await asyncio.sleep(random.uniform(0, FIRST_PAUSE * 2 ** (tries - 1)))


def _mismatch() -> IdempotencyMismatch:
    return IdempotencyMismatch(
        "This Idempotency-Key was used for another request within the last 24 hours.",
        resolve="Use a new key for a new request; repeat a request unchanged to get its answer again.",
    )


def _as_replayed(committed: Committed) -> Committed:
    return Committed(committed.status, committed.body, committed.etag, committed.location, committed.position, replayed=True)
