"""Decide a gate question durably, so that a yes can't be written after what it rests on was taken back (rule 6).

1. The facts were read in one snapshot, after the barrier. What they say of the sign-off and of the policy is read once more
   from their own streams, which are checked at append together with those of the people who signed and that of the artifact in the
   environment, where every no on its bytes is written.
2. The pure decision is made on these facts and recorded, a no as well as a yes.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from placet_approval.commands.circumstances import in_office, standing_noes
from placet_approval.domain.gate import GateDecision, decide
from placet_approval.domain.gate_decision import GateRecord
from placet_approval.domain.gate_facts import Candidate, GateFacts, GateQuestion
from placet_approval.domain.policy import Policy
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_series import SignOffSeries
from placet_approval.domain.timestamps import rfc3339
from placet_shared.access import Roles, demand_role
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["MakeGateDecision", "decision_body", "make_gate_decision"]


@dataclass(frozen=True, slots=True)
class MakeGateDecision:
    """`facts` include the troubles and positions that the barrier has found."""

    decision_id: str
    question: GateQuestion
    facts: GateFacts


async def make_gate_decision(command: MakeGateDecision, uow: UnitOfWork) -> Answer:
    """201 with the decision, whichever it is."""
    demand_role(uow.actor, {Roles.PIPELINE, Roles.DEVELOPER, Roles.ADMIN})
    facts = await _read_again(command.facts, command.question, uow)  # 1
    at = await uow.now()
    decision = decide(command.question, facts, at)  # 2
    record = GateRecord.make(command.decision_id, command.question, facts, decision, at)
    subject = decision.version.model_id if decision.version else command.question.environment
    uow.save(record, subject=subject)
    body = {"id": command.decision_id, **decision_body(decision, facts.positions)}
    return Answer(201, body, record.version, f"/v1/gate/decisions/{command.decision_id}")


def decision_body(decision: GateDecision, positions: Mapping[str, str]) -> dict[str, Any]:
    """A decision as it is answered, durable or not."""
    return {
        "verdict": decision.verdict,
        "allowed": decision.allowed,
        "decided": decision.decided,
        "reasons": [asdict(reason) for reason in decision.reasons],
        "model_id": decision.version.model_id if decision.version else None,
        "version_id": decision.version.version_id if decision.version else None,
        "artifact_sha256": decision.version.artifact_sha256 if decision.version else None,
        "sign_off_id": decision.sign_off.sign_off_id if decision.sign_off else None,
        "policy": decision.policy.reference() if decision.policy else None,
        "valid_until": rfc3339(decision.valid_until) if decision.valid_until else None,
        "positions": dict(positions),
    }


async def _read_again(facts: GateFacts, question: GateQuestion, uow: UnitOfWork) -> GateFacts:
    policy = await uow.load(Policy, Policy.key_of(question.environment))
    digests = {candidate.version.artifact_sha256 for candidate in facts.candidates}
    noes = {digest: (await standing_noes(uow, digest, question.environment))[1] for digest in sorted(digests)}
    candidates = [await _candidate_again(candidate, question.environment, uow) for candidate in facts.candidates]
    again = tuple(replace(one, noes=tuple(noes[one.version.artifact_sha256])) for one in candidates)
    return replace(facts, policy=policy.current if policy else None, candidates=again)


async def _candidate_again(candidate: Candidate, environment: str, uow: UnitOfWork) -> Candidate:
    """The series' stream tells of a sign-off that was requested after the facts were read."""
    series = await uow.load(SignOffSeries, SignOffSeries.key_of(candidate.version.version_id, environment))
    ids = [known.sign_off_id for known in candidate.sign_offs]
    if series is not None and series.latest not in ids:
        ids.insert(0, series.latest)
    streams = await uow.load_many(SignOff, ids)
    found = tuple(sign_off.known for sign_off in streams if sign_off is not None)
    signers = [person for known in found for person in known.signers]
    return replace(candidate, sign_offs=found, in_office=await in_office(uow, signers))
