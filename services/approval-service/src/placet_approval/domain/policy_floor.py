"""A floor: what every policy asks for at least, field by field; what a floor does not name it leaves to the policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from placet_approval.domain.policy_terms import EvidenceTerms, Involvement, Mode, PolicyTerms, SignatureTerm
from placet_approval.domain.process_terms import FeedbackTerm

__all__ = ["FloorTerms"]


@dataclass(frozen=True, slots=True)
class FloorTerms:
    """The names are those of `PolicyTerms`; None, false and empty mean that it asks for nothing there."""

    environment: str
    mode: Mode | None = None
    signatures: tuple[SignatureTerm, ...] = ()
    verification: EvidenceTerms | None = None
    excludes: tuple[Involvement, ...] = ()
    expires_after: timedelta | None = None
    rationale_required: bool = False
    lineage_required: bool = False
    signers_must_stay: bool = False
    decision_valid_for: timedelta | None = None
    feedback: tuple[FeedbackTerm, ...] = ()
    previous_required: bool = False
    soak: timedelta | None = None

    @classmethod
    def of(cls, terms: PolicyTerms) -> Self:
        """What a policy asks for, as a floor for another one."""
        return cls(
            terms.environment,
            mode=terms.mode,
            signatures=terms.signatures,
            verification=terms.verification,
            excludes=terms.excludes,
            expires_after=terms.expires_after,
            rationale_required=terms.rationale_required,
            lineage_required=terms.lineage_required,
            signers_must_stay=terms.signers_must_stay,
            decision_valid_for=terms.decision_valid_for,
            feedback=terms.process.feedback,
            previous_required=terms.previous_required,
            soak=terms.soak,
        )

    @property
    def signing_roles(self) -> frozenset[str]:
        """The roles in which a person may sign."""
        return frozenset(role for term in self.signatures for role in term.any_of)

    @property
    def named_roles(self) -> frozenset[str]:
        """The roles that people must hold for it to be met."""
        return self.signing_roles | {role for term in self.feedback for role in term.any_of}

    def content(self) -> dict[str, Any]:
        """Plain JSON, normalised; the fields have the names and forms that they have in a policy's content."""
        lengths = {
            "expires_after_seconds": self.expires_after,
            "decision_valid_for_seconds": self.decision_valid_for,
            "soak_seconds": self.soak,
        }
        stated = {
            "mode": self.mode,
            "signatures": [term.content() for term in self.signatures],
            "evidence": self.verification and {"verification": self.verification.content()},
            "separation_of_duties": {"exclude": list(self.excludes)} if self.excludes else None,
            "rationale": "required" if self.rationale_required else None,
            "lineage": "required" if self.lineage_required else None,
            "signers_must_stay": self.signers_must_stay,
            "feedback": [term.content() for term in self.feedback],
            "previous_environment": "required" if self.previous_required else None,
            **{name: int(length.total_seconds()) for name, length in lengths.items() if length},
        }
        return {"environment": self.environment, **{name: value for name, value in stated.items() if value}}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The opposite of `content`."""
        evidence = content.get("evidence")
        return cls(
            content["environment"],
            mode=content.get("mode"),
            signatures=tuple(SignatureTerm.from_content(term) for term in content.get("signatures", ())),
            verification=EvidenceTerms.from_content(evidence["verification"]) if evidence else None,
            excludes=tuple(content.get("separation_of_duties", {}).get("exclude", ())),
            expires_after=_seconds(content.get("expires_after_seconds")),
            rationale_required=content.get("rationale") == "required",
            lineage_required=content.get("lineage") == "required",
            signers_must_stay=content.get("signers_must_stay", False),
            decision_valid_for=_seconds(content.get("decision_valid_for_seconds")),
            feedback=tuple(FeedbackTerm.from_content(term) for term in content.get("feedback", ())),
            previous_required=content.get("previous_environment") == "required",
            soak=_seconds(content.get("soak_seconds")),
        )


def _seconds(number: int | None) -> timedelta | None:
    return timedelta(seconds=number) if number else None
