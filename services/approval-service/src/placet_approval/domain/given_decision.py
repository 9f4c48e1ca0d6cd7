"""Whether an earlier yes still holds: the question is decided again, and the answer must be the same yes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from placet_approval.domain.gate import GateDecision
from placet_approval.domain.gate_reasons import Reason
from placet_shared.errors import Conflict

__all__ = ["GivenDecision", "objections_to", "require_given_again"]


@dataclass(frozen=True, slots=True)
class GivenDecision:
    """The fields of a recorded decision that tell whether it holds."""

    decision_id: str
    allowed: bool
    version_id: str | None
    sign_off_id: str | None
    policy: Mapping[str, Any] | None
    valid_until: datetime | None
    break_glass: str | None = None


def require_given_again(given: GivenDecision, now: GateDecision) -> None:
    """A yes that was given before may be given again only while it holds (rule 29); raises `Conflict` with the reasons of now."""
    if objections := objections_to(given, now):
        raise Conflict(
            "The gate said yes to this request before, and would not give that answer now.",
            code="decision_outdated",
            resolve="Read the reasons; ask again with a new Idempotency-Key for a decision of now.",
            decision_id=given.decision_id,
            reasons=[asdict(reason) for reason in objections],
        )


def objections_to(given: GivenDecision, now: GateDecision) -> Sequence[Reason]:
    """The reasons why it does not hold, none when it does; `now` is the answer to the same question at this moment.

    1. It was a yes.
    2. The answer of now is a yes too; otherwise its reasons are these.
    3. It rests on the same version, sign-off, policy and break-glass.
    4. It may still be used.
    """
    facts = {"decision_id": given.decision_id}
    if not given.allowed:  # 1
        return (Reason("denied", "That decision was a no.", "Ask the gate again when its reasons are dealt with.", facts=facts),)
    if not now.allowed or not now.decided:  # 2
        return now.reasons
    rests_on = (
        now.version.version_id if now.version else None,
        now.sign_off.sign_off_id if now.sign_off else None,
        now.policy.reference() if now.policy else None,
        now.break_glass.glass_id if now.break_glass else None,
    )
    if rests_on != (given.version_id, given.sign_off_id, given.policy, given.break_glass):  # 3
        detail = "A deployment would be allowed now, but not by the version, sign-off, policy and break-glass that this decision rests on."
        return (Reason("decision_superseded", detail, "Ask the gate again for a decision of now.", facts=facts),)
    if given.valid_until is None or given.valid_until <= now.at:  # 4
        until = f"until {given.valid_until.isoformat()}" if given.valid_until else "for an unknown time, since it is of an older release"
        return (
            Reason(
                "decision_expired", f"That decision could be used {until}.", "Ask the gate again, and deploy within its time.", facts=facts
            ),
        )
    return ()
