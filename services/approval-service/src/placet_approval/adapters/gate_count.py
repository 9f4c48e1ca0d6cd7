"""How often the gate was asked without a record: counted in memory, one event a minute and asker."""

import asyncio
import logging
from collections import Counter
from datetime import UTC, datetime

from placet_shared.errors import PlacetError
from placet_shared.event_store import Answer, EventStore, Metadata, UnitOfWork
from placet_shared.identifiers import new_id
from placet_shared.postgres.errors import DATABASE_ERRORS
from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.meters import Record

__all__ = ["DECISIONS", "GateCount"]

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 60.0
DECISIONS = Instrument(
    "placet.gate.decisions", "counter", "{decision}", "Answers of the gate, asked or decided for the record.", ("verdict", "recorded")
)

Asked = tuple[str, str | None, str]


class GateCount:
    """Counts per asker, environment and verdict; what a kill takes with it was never recorded."""

    def __init__(self, store: EventStore) -> None:
        self.measured: Record = lambda number, attributes: None
        self._store = store
        self._counts: Counter[Asked] = Counter()
        self._flushing = asyncio.Lock()

    def decided(self, verdict: str) -> None:
        """One more decision for the record."""
        self.measured(1, {"verdict": verdict, "recorded": "true"})

    def count(self, actor: str, environment: str | None, verdict: str) -> None:
        """One more question; no environment for a name that is none, since what somebody typed may be anything."""
        self._counts[actor, environment, verdict] += 1
        self.measured(1, {"verdict": verdict, "recorded": "false"})

    async def run(self) -> None:
        """Flush each minute, for ever, and a last time at the end."""
        try:
            while True:
                await asyncio.sleep(FLUSH_SECONDS)
                await asyncio.shield(asyncio.create_task(self.flush()))  # the end must not take away what is being written
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Make what was counted durable; what can't be written now stays counted."""
        async with self._flushing:
            for actor in sorted({actor for actor, _, _ in self._counts}):
                counted = {asked: number for asked, number in self._counts.items() if asked[0] == actor}
                try:
                    await self._record(actor, counted)
                except (PlacetError, *DATABASE_ERRORS) as error:
                    logger.warning("gate questions could not be recorded yet: %s", error)
                    continue
                self._counts -= Counter(counted)

    async def _record(self, actor: str, counted: dict[Asked, int]) -> None:
        questions = [
            {"environment": environment, "verdict": verdict, "count": number}
            for (_, environment, verdict), number in sorted(counted.items(), key=lambda one: (one[0][1] or "", one[0][2]))
        ]

        async def handler(uow: UnitOfWork) -> Answer:
            until = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            uow.record("GateQuestionsCounted", stream="gatequestions", subject=actor, data={"until": until, "questions": questions})
            return Answer(200, {})

        await self._store.run(handler, Metadata(actor=actor, correlation=new_id()), None, action="count_gate_questions")
