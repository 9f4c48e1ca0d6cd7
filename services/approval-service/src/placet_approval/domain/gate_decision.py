"""A durable gate decision, with an id and the positions of the sources that it was made on."""

from typing import Any

from placet_approval.domain.gate import GateDecision
from placet_approval.domain.timestamps import rfc3339
from placet_shared.aggregates import Aggregate, Created

__all__ = ["GateRecord"]


class GateRecord(Aggregate):
    """Made once and never changed."""

    TOPIC = "GateRecord"
    CATEGORY = "gatedecision"

    class GateDecisionMade(Created):
        TOPIC = "GateDecisionMade"
        SCHEMA_VERSION = 4
        decision_id: str
        environment: str
        question: dict[str, Any]
        verdict: str
        allowed: bool
        decided: bool
        reasons: list[str]
        model_id: str | None
        version_id: str | None
        artifact_sha256: str | None
        sign_off_id: str | None
        policy: dict[str, Any] | None
        valid_until: str | None
        break_glass: str | None
        earlier: list[dict[str, str]]
        positions: dict[str, str]

    @classmethod
    def make(cls, decision_id: str, decision: GateDecision) -> "GateRecord":
        """Record the decision with the facts that it was made on."""
        version, sign_off, policy = decision.version, decision.sign_off, decision.policy
        return cls.create(
            cls.GateDecisionMade,
            key=decision_id,
            at=decision.at,
            decision_id=decision_id,
            environment=decision.question.environment,
            question=decision.question.content(),
            verdict=decision.verdict,
            allowed=decision.allowed,
            decided=decision.decided,
            reasons=[reason.code for reason in decision.reasons],
            model_id=version.model_id if version else None,
            version_id=version.version_id if version else None,
            artifact_sha256=version.artifact_sha256 if version else None,
            sign_off_id=sign_off.sign_off_id if sign_off else None,
            policy=policy.reference() if policy else None,
            valid_until=rfc3339(decision.valid_until) if decision.valid_until else None,
            break_glass=decision.break_glass.glass_id if decision.break_glass else None,
            earlier=[{"environment": name, "sign_off_id": one.sign_off_id} for name, one in decision.earlier.items()],
            positions=dict(decision.facts.positions),
        )
