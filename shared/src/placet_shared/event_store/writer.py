"""The writer: all waiting commands are committed together (group commit), over two connections in turn.

    lane 1   ── PostgreSQL works on batch A ──▶ ── batch C …
    lane 2   batch B is made meanwhile, and waits for the append lock ──▶ …

So PostgreSQL and this process work at the same time. The append lock keeps positions in commit order, and a command that
touches a stream of a batch under way waits for its end: no overtaking.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import msgspec
from opentelemetry import trace

from placet_shared.errors import Unavailable
from placet_shared.event_store.batches import plan_batch
from placet_shared.event_store.committing import Committer, Connect
from placet_shared.event_store.disk import Disk
from placet_shared.event_store.event_registry import EventRegistry
from placet_shared.event_store.records import Append, AppendResult

__all__ = ["Writer"]

LANES = 2
# Fewer commands than this are not worth two transactions: with 16, benchmarks/append.py did a fourth less at 64 at once.
WORTH_SHARING = 40
BATCH_LIMIT = 512
QUEUE_LIMIT = 4096
# What is under way when the service stops has had as long already as requests are given then.
FINISH_SECONDS = 5.0


class _Waiting(msgspec.Struct):
    """A command in the queue; `batch` is how many were committed with it."""

    append: Append
    future: asyncio.Future[AppendResult]
    batch: int = 0


class Writer:
    """Takes commands, and answers each with its result once that is durable."""

    def __init__(self, connect: Connect, event_registry: EventRegistry) -> None:
        self.on_batch: Callable[[int], None] = lambda size: None
        self._source = event_registry.source
        self.disk = Disk()
        self._lanes = [Committer(connect, event_registry, self.disk) for _ in range(LANES)]
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting: deque[_Waiting] = deque()
        self._under_way: dict[Committer, Sequence[Append]] = {}
        self._changed = asyncio.Event()
        self._closing = False

    async def start(self) -> None:
        """Begin to write."""
        self._tasks = [asyncio.create_task(self._run(lane), name=f"{self._source} writer") for lane in self._lanes]

    async def close(self) -> None:
        """Finish the batches under way, unless the database does not answer; refuse the rest."""
        self._closing = True
        self._changed.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=FINISH_SECONDS)
            for task in late:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._waiting:
            _settle(self._waiting.popleft().future, Unavailable("the service is stopping"))
        await asyncio.gather(*[lane.close() for lane in self._lanes])

    @property
    def waiting(self) -> int:
        """How many commands wait."""
        return len(self._waiting)

    async def append(self, append: Append) -> AppendResult:
        """Wait until the command is durable or refused; raises `Unavailable` when the queue is full or the database away."""
        if self._closing:
            raise Unavailable("the service is stopping")
        if len(self._waiting) >= QUEUE_LIMIT:
            raise Unavailable("too many commands are waiting", code="overloaded")
        future: asyncio.Future[AppendResult] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(append, future)
        self._waiting.append(waiting)
        self._changed.set()
        result = await future
        trace.get_current_span().set_attribute("placet.batch.size", waiting.batch)
        return result

    async def _run(self, lane: Committer) -> None:
        while not self._closing:
            if taken := self._take_batch():
                self._under_way[lane] = [waiting.append for waiting in taken]
                self.on_batch(len(taken))
                await _write(lane, taken)
                del self._under_way[lane]
                self._changed.set()
            else:
                self._changed.clear()
                await self._changed.wait()

    def _take_batch(self) -> list[_Waiting]:
        """The commands to commit now: all while a batch is under way, otherwise half, so that the other lane has work too."""
        queue = list(self._waiting)
        ahead = [append for batch in self._under_way.values() for append in batch]
        share = len(queue) if ahead or len(queue) < WORTH_SHARING else len(queue) // LANES
        now, later = plan_batch((waiting.append for waiting in queue), min(share, BATCH_LIMIT), ahead)
        self._waiting = deque(queue[index] for index in later)
        return [queue[index] for index in now]


async def _write(lane: Committer, taken: Sequence[_Waiting]) -> None:
    try:
        results: Sequence[AppendResult | Exception] = await lane.commit([waiting.append for waiting in taken])
    except asyncio.CancelledError:
        for waiting in taken:  # a client that repeats its request with the key learns the outcome
            _settle(waiting.future, Unavailable("the service stopped before the database answered"))
        raise
    except Exception as error:
        results = [error] * len(taken)
    for waiting, result in zip(taken, results, strict=True):
        waiting.batch = len(taken)
        _settle(waiting.future, result)


def _settle(future: asyncio.Future[AppendResult], result: AppendResult | Exception) -> None:
    if future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
