"""The writer: everything that waits is committed together (group commit), over two connections in turn.

    lane 1   ── PostgreSQL works on batch A ──▶ ── batch C …
    lane 2   batch B is made meanwhile, and waits for the append lock ──▶ …

So PostgreSQL and this process work at the same time. The append lock keeps positions in commit order, and a command that
touches a stream of a batch under way waits for its end: no overtaking.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

from placet_shared.errors import Unavailable
from placet_shared.event_store.batches import plan_batch
from placet_shared.event_store.committing import Committer, Connect
from placet_shared.event_store.records import Append, AppendResult
from placet_shared.event_store.repertoire import Repertoire

__all__ = ["Writer"]

LANES = 2
# Fewer commands than this are not worth two transactions.
WORTH_SHARING = 16
BATCH_LIMIT = 512
QUEUE_LIMIT = 4096

Waiting = tuple[Append, asyncio.Future[AppendResult]]


class Writer:
    """Takes commands, answers each with what became of it once that is durable."""

    def __init__(self, connect: Connect, repertoire: Repertoire) -> None:
        self._source = repertoire.source
        self._lanes = [Committer(connect, repertoire) for _ in range(LANES)]
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting: deque[Waiting] = deque()
        self._under_way: dict[Committer, Sequence[Append]] = {}
        self._changed = asyncio.Event()
        self._closing = False

    async def start(self) -> None:
        """Connect and begin to write."""
        for lane in self._lanes:
            await lane.start()
            self._tasks.append(asyncio.create_task(self._run(lane), name=f"{self._source} writer"))

    async def close(self) -> None:
        """Finish the batches under way, refuse the rest."""
        self._closing = True
        self._changed.set()
        await asyncio.gather(*self._tasks)
        while self._waiting:
            _settle(self._waiting.popleft()[1], Unavailable("the service is stopping"))
        for lane in self._lanes:
            await lane.close()

    async def append(self, append: Append) -> AppendResult:
        """Wait until the command is durable or refused; raises `Unavailable` when the queue is full or the database away."""
        if self._closing:
            raise Unavailable("the service is stopping")
        if len(self._waiting) >= QUEUE_LIMIT:
            raise Unavailable("too many commands are waiting", code="overloaded")
        future: asyncio.Future[AppendResult] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, future))
        self._changed.set()
        return await future

    async def _run(self, lane: Committer) -> None:
        while not self._closing:
            if taken := self._take_batch():
                self._under_way[lane] = [append for append, _ in taken]
                await _write(lane, taken)
                del self._under_way[lane]
                self._changed.set()
            else:
                self._changed.clear()
                await self._changed.wait()

    def _take_batch(self) -> list[Waiting]:
        """What may go now: all of it beside a batch under way, otherwise half, so that the other lane has something to do."""
        queue = list(self._waiting)
        ahead = [append for batch in self._under_way.values() for append in batch]
        share = len(queue) if ahead or len(queue) < WORTH_SHARING else len(queue) // LANES
        now, later = plan_batch((append for append, _ in queue), min(share, BATCH_LIMIT), ahead)
        self._waiting = deque(queue[index] for index in later)
        return [queue[index] for index in now]


async def _write(lane: Committer, taken: Sequence[Waiting]) -> None:
    try:
        results: Sequence[AppendResult | Exception] = await lane.commit([append for append, _ in taken])
    except Exception as error:
        results = [error] * len(taken)
    for (_, future), result in zip(taken, results, strict=True):
        _settle(future, result)


def _settle(future: asyncio.Future[AppendResult], result: AppendResult | Exception) -> None:
    if future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
