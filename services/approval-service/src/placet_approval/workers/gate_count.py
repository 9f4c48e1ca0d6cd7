"""The number of gate questions without a record: counted in memory, one event per minute and caller."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

from placet_approval.commands.count_gate_questions import CountedQuestion, CountGateQuestions, count_gate_questions
from placet_shared.errors import PlacetError
from placet_shared.event_store import EventStore, Metadata
from placet_shared.identifiers import new_id
from placet_shared.postgres.errors import DATABASE_ERRORS
from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.meters import Meters, Record
from placet_shared.workers import Loop

__all__ = ["DECISIONS", "GateCount"]

FLUSH_SECONDS = 60.0
DECISIONS = Instrument(
    "placet.gate.decisions", "counter", "{decision}", "Answers of the gate, asked or decided for the record.", ("verdict", "recorded")
)

Asked = tuple[str, str | None, str]


class GateCount:
    """Counts per caller, environment and verdict, and records the counts with its `loop`; a kill loses what was not recorded yet."""

    def __init__(self, store: EventStore) -> None:
        self._measured: Record = lambda number, attributes: None
        self._store = store
        self._counts: Counter[Asked] = Counter()
        self._flushing = asyncio.Lock()
        self.loop = Loop("record of gate questions", self.flush, every_seconds=FLUSH_SECONDS, completes=True)

    def decided(self, verdict: str) -> None:
        """One more decision for the record."""
        self._measured(1, {"verdict": verdict, "recorded": "true"})

    def count(self, actor: str, environment: str | None, verdict: str) -> None:
        """One more question; no environment for an unknown name, since a caller may send any text."""
        self._counts[actor, environment, verdict] += 1
        self._measured(1, {"verdict": verdict, "recorded": "false"})

    def measure(self, meters: Meters) -> None:
        """Export the count as a metric."""
        self._measured = meters.counter(DECISIONS)

    async def flush(self) -> None:
        """Make what was counted durable; what can't be written now stays counted, and its error is raised after the others were tried."""
        failed: Exception | None = None
        async with self._flushing:
            for actor in sorted({actor for actor, _, _ in self._counts}):
                counted = {asked: number for asked, number in self._counts.items() if asked[0] == actor}
                try:
                    await self._record(actor, counted)
                except (PlacetError, *DATABASE_ERRORS) as error:
                    failed = error
                    continue
                self._counts -= Counter(counted)
        if failed:
            raise failed

    async def _record(self, actor: str, counted: dict[Asked, int]) -> None:
        questions = [
            CountedQuestion(environment, verdict, number)
            for (_, environment, verdict), number in sorted(counted.items(), key=lambda one: (one[0][1] or "", one[0][2]))
        ]
        command = CountGateQuestions(actor, questions, datetime.now(UTC))
        await self._store.execute(count_gate_questions, command, metadata=Metadata(actor=actor, correlation=new_id()))
