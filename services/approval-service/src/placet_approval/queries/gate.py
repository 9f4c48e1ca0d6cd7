"""The gate's read: may this go to this environment now? Barrier and everything in one snapshot (rules 16, 17 and 22).

0. Ask the sources how far they are, and read the snapshot of step 2 meanwhile. Where its marks are exactly what the sources say, it has
   all that was committed anywhere before the question, and steps 1 to 3 are done.
1. Wait until all that was committed anywhere before the question has arrived here; otherwise that is a reason for no.
2. With one statement, so in one snapshot, read every row that the decision rests on, the marks, and what is parked.
3. In that snapshot each source must still be as far as it said, with the same event: it may have been restored since.
4. Nothing that the decision could depend on is parked.
5. Nothing that concerns it was lost by this service in a restore.
6. On these facts the pure decision is made, as of the time at which they were so.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import asyncpg
import orjson

from placet_approval.domain.gate import GateDecision, decide
from placet_approval.domain.gate_facts import Candidate, GateFacts, GateQuestion
from placet_approval.domain.gate_reasons import Reason, source_reason
from placet_approval.domain.given_decision import GivenDecision, objections_to
from placet_approval.domain.parked_plans import PLAN, is_about, may_concern
from placet_approval.ports import EverythingArrived
from placet_approval.queries.gate_decisions import read_gate_decision
from placet_approval.queries.gate_facts import FactsStatement, facts_of
from placet_approval.queries.lost_history import LOST, lost_reasons
from placet_shared.bus.barrier import NotPassed
from placet_shared.bus.history import STOOD_AS_JSON, stands, stood_from_json
from placet_shared.bus.marks import MARKS_AS_JSON, marks_from_json
from placet_shared.event_store import Position

__all__ = ["Gate", "Validity"]

A = TypeVar("A")
B = TypeVar("B")

# `mentions`: the parked event names a digest in question, so that it may claim something about these bytes.
PARKED = """
    (select json_agg(p) from (
        select source, unnest(subjects) as subject, case when type like 'Plan%' then convert_from(event, 'UTF8') end as plan_event,
               exists (select from fitting f where position(convert_to(f.artifact_sha256, 'UTF8') in event) > 0) {or_digest} as mentions
        from parked_events
    ) p) as parked
"""
OR_DIGEST = "or position(convert_to($2::text, 'UTF8') in event) > 0"
OWN_HEAD = "(select json_build_array(epoch, position) from events order by position desc limit 1) as own"
NOW = "clock_timestamp() as at"


@dataclass(frozen=True, slots=True)
class Validity:
    """Whether a recorded decision still holds; if not, `reasons` say why; `decided` false means that too little is known."""

    decision_id: str
    holds: bool
    decided: bool
    valid_until: datetime | None
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Gate:
    """The one read behind every gate answer; it records nothing."""

    pool: asyncpg.Pool
    arrived: EverythingArrived

    async def ask(self, question: GateQuestion) -> GateDecision:
        """The decision, yes or no, with the facts that it was made on."""
        facts, at = await _facts(self.pool, self.arrived, question)
        return decide(question, facts, at)  # 6

    async def still_holds(self, decision_id: str) -> Validity:
        """The question of a recorded decision is asked again; raises `NotFound`."""
        made = await read_gate_decision(self.pool, decision_id)
        asked = {name: made.question.get(name) for name in ("digest", "number", "version_id")}
        now = await self.ask(GateQuestion(made.environment, **(asked if made.version_id is None else {"version_id": made.version_id})))
        given = GivenDecision(
            decision_id, made.verdict != "deny", made.version_id, made.sign_off_id, made.policy, made.valid_until, made.break_glass
        )
        objections = objections_to(given, now)
        return Validity(decision_id, not objections, now.decided, made.valid_until, objections)


async def _facts(pool: asyncpg.Pool, arrived: EverythingArrived, question: GateQuestion) -> tuple[GateFacts, datetime]:
    """With the barrier's errors and positions, and the time of the snapshot."""
    began = asyncio.get_running_loop().time()
    knowledge_gaps: list[Reason] = []
    heads, row = await _both(arrived.heads(), _snapshot(pool, question, {}))  # 0
    marks = marks_from_json(row["marks"])
    if heads is None or not all(stands(head, marks.get(name), None) for name, head in heads.items()):
        heads, knowledge_gaps = await _everything_arrived(arrived, began)  # 1
        row = await _snapshot(pool, question, heads)  # 2
        marks, stood = marks_from_json(row["marks"]), stood_from_json(row["stood"])
        lost = [name for name, head in heads.items() if not stands(head, marks.get(name), stood.get(name))]  # 3
        knowledge_gaps += [source_reason("source_restored", name) for name in lost]
    facts = facts_of(row, question)
    held_up = orjson.loads(row["parked"]) if row["parked"] else ()
    knowledge_gaps += [source_reason("unprocessed_event", source) for source in _held_up_by(held_up, question.environment, facts)]  # 4
    knowledge_gaps += lost_reasons(row["lost"], facts)  # 5
    positions = {name: head.place for name, head in heads.items()} | {name: mark.reached.place for name, mark in marks.items()}
    if row["own"]:
        positions["approval"] = Position("approval", *orjson.loads(row["own"])).place
    return replace(facts, knowledge_gaps=tuple(knowledge_gaps), positions=positions), row["at"]


async def _snapshot(pool: asyncpg.Pool, question: GateQuestion, heads: Mapping[str, Position]) -> asyncpg.Record:
    """All rows of one moment, with the events that stood at these heads."""
    arguments = len(FactsStatement.of(question).args)
    statement = FactsStatement.of(question, _beside(question.digest is not None, arguments + 1))
    return await pool.fetchrow(statement.sql, *statement.args, [*heads], [head.position for head in heads.values()])


@cache
def _beside(with_digest: bool, place: int) -> Sequence[str]:
    """The columns beside the facts; `place` is that of the heads' names among the arguments, their positions are the next."""
    parked = PARKED.format(or_digest=OR_DIGEST if with_digest else "")
    stood_at = f"{STOOD_AS_JSON.format(names=f'${place}', positions=f'${place + 1}')} as stood"
    return (f"{MARKS_AS_JSON} as marks", stood_at, LOST, parked, OWN_HEAD, NOW)


async def _both(heads: Coroutine[Any, Any, A], snapshot: Coroutine[Any, Any, B]) -> tuple[A, B]:
    """At the same time; an error of one ends the other."""
    asking = asyncio.create_task(heads)
    try:
        read = await snapshot
        return await asking, read
    except BaseException:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        raise


async def _everything_arrived(arrived: EverythingArrived, since: float) -> tuple[Mapping[str, Position], list[Reason]]:
    try:
        return await arrived.wait(since), []
    except NotPassed as error:
        return {}, [source_reason(error.code, error.source)]


def _held_up_by(parked: Iterable[Mapping[str, Any]], environment: str, facts: GateFacts) -> Iterator[str]:
    """The sources of parked events that this decision could depend on: those about no model and no plan, about a model whose plans count
    for the bytes, about a plan that is for one of them, and those that name the bytes in question, for any model. Of a release
    those about its other models count too.

    With no candidate, or several, any parked model and plan could be meant.
    """
    several = len({candidate.version.model_id for candidate in facts.candidates}) != 1
    sources = {row["source"] for row in parked if row["mentions"] or several or _concerns(row, environment, facts.candidates)}
    yield from sorted(sources)


def _concerns(row: Mapping[str, Any], environment: str, candidates: Sequence[Candidate]) -> bool:
    """Candidates are versions of one model; a member of a release depends on what is known of the others, too."""
    meant = [*candidates, *(mate for candidate in candidates for mate in candidate.mates)]
    if row["subject"].startswith(PLAN):
        places = {environment, *(before.name for candidate in candidates for before in candidate.earlier)}
        return any(may_concern(row["plan_event"] or "", place, candidate.models) for candidate in meant for place in places)
    return any(is_about(row["subject"], candidate.models) for candidate in meant)
