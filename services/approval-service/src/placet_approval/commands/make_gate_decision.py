"""Decide a gate question durably, so that a yes can't be written after what it rests on was revoked (rule 6).

1. The facts were read in one snapshot, after the barrier. What they say of the sign-off and of the policy is read once more
   from their own streams, which are checked at append together with those of the people who signed, of the delegations under which they
   did, that of the artifact in the environment, where every no on its bytes is written, and those of break-glasses and debts.
2. The pure decision is made on these facts and recorded, a no as well as a yes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from placet_approval.commands.circumstances import in_office, standing_noes
from placet_approval.commands.emergencies_again import emergencies_again, emergency_streams
from placet_approval.domain.artifact_standing import ArtifactStanding
from placet_approval.domain.delegation import Delegation
from placet_approval.domain.gate import GateDecision, decide
from placet_approval.domain.gate_decision import GateRecord
from placet_approval.domain.gate_facts import Candidate, GateFacts, GateQuestion
from placet_approval.domain.person import Person
from placet_approval.domain.policy import Policy
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_series import SignOffSeries
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
    await uow.preload(*_expected(facts, question.environment, digests))
    policy = await uow.load(Policy, Policy.key_of(question.environment))
    noes = {digest: (await standing_noes(uow, digest, question.environment))[1] for digest in sorted(digests)}
    candidates = [await _candidate_again(candidate, question.environment, uow) for candidate in facts.candidates]
    again = [replace(one, noes=tuple(noes[one.version.artifact_sha256])) for one in candidates]
    again = await emergencies_again(again, question.environment, uow)
    return replace(facts, policy=policy.current if policy else None, candidates=tuple(again))


def _expected(facts: GateFacts, environment: str, digests: Iterable[str]) -> Iterator[tuple[type[Aggregate], str]]:
    """What is most likely read again, by the facts."""
    yield Policy, Policy.key_of(environment)
    yield from emergency_streams(facts.candidates, environment)
    for digest in digests:
        yield ArtifactStanding, ArtifactStanding.key_of(digest, environment)
    for candidate in facts.candidates:
        yield SignOffSeries, SignOffSeries.key_of(candidate.version.version_id, environment)
        for known in candidate.sign_offs:
            yield SignOff, known.sign_off_id
            for person in known.signers:
                yield Person, person
            for delegation in (one.delegation_id for one in known.approvals if one.delegation_id):
                yield Delegation, delegation


async def _candidate_again(candidate: Candidate, environment: str, uow: UnitOfWork) -> Candidate:
    """The series' stream shows a sign-off that was requested after the facts were read."""
    series = await uow.load(SignOffSeries, SignOffSeries.key_of(candidate.version.version_id, environment))
    ids = [known.sign_off_id for known in candidate.sign_offs]
    if series is not None and series.latest not in ids:
        ids.insert(0, series.latest)
    streams = await uow.load_many(SignOff, ids)
    found = tuple(sign_off.known for sign_off in streams if sign_off is not None)
    approvals = [approval for known in found for approval in known.approvals]
    return replace(candidate, sign_offs=found, in_office=await in_office(uow, approvals))
