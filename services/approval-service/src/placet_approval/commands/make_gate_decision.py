"""Decide a gate question durably, so that a yes can't be written after what it rests on was revoked (rule 6).

1. The facts were read in one snapshot, after the barrier. What they say of the sign-off and of the policy is read once more
   from their own streams, which are checked at append together with those of the people who signed, of the delegations under which they
   did, that of the artifact in the environment, where every no on its bytes is written, that of its steps, those of break-glasses and
   debts, those of the environments before, when the policy asks for them, and those of the other members of its release.
2. The pure decision is made on these facts and recorded, a no as well as a yes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from placet_approval.commands.circumstances import standing_noes
from placet_approval.commands.earlier_environments import candidate_again, earlier_again, earlier_streams
from placet_approval.commands.emergencies_again import emergencies_again, emergency_streams
from placet_approval.commands.mates_again import candidate_streams, mates_again
from placet_approval.domain.gate import GateDecision, decide
from placet_approval.domain.gate_decision import GateRecord
from placet_approval.domain.gate_facts import GateFacts, GateQuestion
from placet_approval.domain.policy import PolicySet
from placet_shared.access import Roles, allowed
from placet_shared.aggregates import Aggregate
from placet_shared.event_store import UnitOfWork

__all__ = ["MadeGateDecision", "MakeGateDecision", "make_gate_decision"]


@dataclass(frozen=True, slots=True)
class MakeGateDecision:
    """`facts` include the barrier's errors and positions."""

    decision_id: str
    question: GateQuestion
    facts: GateFacts


@dataclass(frozen=True, slots=True)
class MadeGateDecision:
    """The decision that is recorded under this id."""

    id: str
    decision: GateDecision
    revision: int


@allowed(Roles.PIPELINE, Roles.DEVELOPER, Roles.ADMIN)
async def make_gate_decision(command: MakeGateDecision, uow: UnitOfWork) -> MadeGateDecision:
    """The decision, yes or no."""
    facts = await _read_again(command.facts, command.question, uow)  # 1
    decision = decide(command.question, facts, await uow.now())  # 2
    record = GateRecord.make(command.decision_id, decision)
    subject = decision.version.model_id if decision.version else command.question.environment
    uow.save(record, subject=subject)
    return MadeGateDecision(command.decision_id, decision, record.version)


async def _read_again(facts: GateFacts, question: GateQuestion, uow: UnitOfWork) -> GateFacts:
    digests = {candidate.version.artifact_sha256 for candidate in facts.candidates}
    await uow.preload(*_expected(facts, question.environment))
    policies = await uow.load(PolicySet, PolicySet.key_of(question.environment))
    noes = {digest: (await standing_noes(uow, digest, question.environment))[1] for digest in sorted(digests)}
    candidates = [await candidate_again(candidate, question.environment, uow) for candidate in facts.candidates]
    before = {one.version.model_id: await earlier_again(one.version, one.earlier, uow) for one in facts.candidates}
    again = [replace(one, noes=tuple(noes[one.version.artifact_sha256]), earlier=before[one.version.model_id]) for one in candidates]
    again = await emergencies_again(again, question.environment, uow)
    again = await mates_again(again, question.environment, uow)
    return replace(facts, policy=policies.in_force.own if policies else None, candidates=tuple(again))


def _expected(facts: GateFacts, environment: str) -> Iterator[tuple[type[Aggregate], str]]:
    """What is most likely read again, by the facts."""
    yield PolicySet, PolicySet.key_of(environment)
    yield from emergency_streams(facts.candidates, environment)
    for candidate in facts.candidates:
        yield from candidate_streams(candidate, environment)
        yield from earlier_streams(candidate.version, candidate.earlier)
