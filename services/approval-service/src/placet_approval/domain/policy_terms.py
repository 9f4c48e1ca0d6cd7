"""A policy's terms: signatures by role, evidence and its age, excluded people, and how long a yes is valid."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Self, get_args

from placet_approval.domain.emergency_terms import BreakGlassTerms, WhenAYesEnds, emergency_fields, emergency_terms
from placet_approval.domain.process_terms import ProcessTerms

__all__ = [
    "DECISION_VALID_FOR",
    "INVOLVEMENTS",
    "MODES",
    "EvidenceTerms",
    "Involvement",
    "Mode",
    "PolicyTerms",
    "PolicyVersion",
    "SignatureTerm",
    "terms_in_words",
]

DECISION_VALID_FOR = timedelta(minutes=15)
NO_PROCESS = ProcessTerms()

Mode = Literal["prevent", "warn", "allow"]
Involvement = Literal["requester", "registrar", "trainer", "data_preparer"]

MODES: tuple[Mode, ...] = get_args(Mode)
INVOLVEMENTS: tuple[Involvement, ...] = get_args(Involvement)


@dataclass(frozen=True, slots=True)
class SignatureTerm:
    """`count` signatures by distinct people, each given in one of the roles `any_of`."""

    any_of: tuple[str, ...]
    count: int

    def __str__(self) -> str:
        return f"{self.count} × {' or '.join(self.any_of)}"

    def content(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"any_of": list(self.any_of), "count": self.count}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The opposite of `content`."""
        return cls(tuple(content["any_of"]), content["count"])


@dataclass(frozen=True, slots=True)
class EvidenceTerms:
    """A passed verification, by `plan` when one is named, that is not older than `max_age`.

    `held_out_required`: not on data that the lineage of the same bytes names as training data.
    """

    plan: str | None
    max_age: timedelta
    held_out_required: bool = False

    def content(self) -> dict[str, Any]:
        """Plain JSON."""
        held_out = {"held_out": "required"} if self.held_out_required else {}
        return {"plan": self.plan, "max_age_seconds": int(self.max_age.total_seconds()), **held_out}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The opposite of `content`."""
        return cls(content["plan"], timedelta(seconds=content["max_age_seconds"]), content.get("held_out") == "required")


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """One environment's terms; equal content has an equal digest, however the document was written.

    `lineage_required`: a version must name a person as its trainer before people sign. `signers_must_stay`: an approval ends when one of
    its signers leaves office. `decision_valid_for`: for how long a yes of the gate may be used. `process`: how people come to a decision.
    `owner`: the role that reassigns a sign-off for a signer who is absent. `when_a_yes_ends`: what is to happen to what runs then.
    `break_glass`: who may let a version in without a yes in an emergency; None: no person may. `previous_required`: the same bytes need an
    approval in force in the environment before, and with `soak` they must have been deployed there for so long.
    """

    environment: str
    mode: Mode
    signatures: tuple[SignatureTerm, ...]
    verification: EvidenceTerms | None
    excludes: tuple[Involvement, ...]
    expires_after: timedelta
    rationale_required: bool
    lineage_required: bool = True
    signers_must_stay: bool = False
    decision_valid_for: timedelta = DECISION_VALID_FOR
    process: ProcessTerms = NO_PROCESS
    owner: str | None = None
    when_a_yes_ends: WhenAYesEnds = "alert"
    break_glass: BreakGlassTerms | None = None
    previous_required: bool = False
    soak: timedelta | None = None

    @property
    def signing_roles(self) -> frozenset[str]:
        """The roles in which a person may sign."""
        return frozenset(role for term in self.signatures for role in term.any_of)

    @property
    def named_roles(self) -> frozenset[str]:
        """The roles that people must hold for the policy to be met."""
        by_hand = {step.role for step in self.process.steps if step.role}
        return self.signing_roles | by_hand | {role for term in self.process.feedback for role in term.any_of}

    @property
    def signatures_needed(self) -> int:
        """How many distinct people must sign."""
        return sum(term.count for term in self.signatures)

    def content(self) -> dict[str, Any]:
        """Plain JSON, normalised: what events carry and the digest covers.

        Fields that came after the first release stand in it only where they differ from their default, so that a release changes no digest.
        """
        evidence = self.verification
        return {
            "environment": self.environment,
            "mode": self.mode,
            "signatures": [term.content() for term in self.signatures],
            "evidence": {"verification": evidence and evidence.content()},
            "separation_of_duties": {"exclude": list(self.excludes)},
            "expires_after_seconds": int(self.expires_after.total_seconds()),
            "rationale": "required" if self.rationale_required else "optional",
            **self._later_fields(),
        }

    def _later_fields(self) -> dict[str, Any]:
        later: dict[str, Any] = {}
        if not self.lineage_required:
            later["lineage"] = "optional"
        if self.signers_must_stay:
            later["signers_must_stay"] = True
        if self.decision_valid_for != DECISION_VALID_FOR:
            later["decision_valid_for_seconds"] = int(self.decision_valid_for.total_seconds())
        if self.owner is not None:
            later["owner"] = self.owner
        if self.previous_required:
            later["previous_environment"] = "required"
        if self.soak:
            later["soak_seconds"] = int(self.soak.total_seconds())
        return {**later, **self.process.content(), **emergency_fields(self.when_a_yes_ends, self.break_glass)}

    def sha256(self) -> str:
        """SHA-256 of the content as sorted compact JSON."""
        return hashlib.sha256(json.dumps(self.content(), sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The opposite of `content`."""
        evidence = content["evidence"]["verification"]
        return cls(
            environment=content["environment"],
            mode=content["mode"],
            signatures=tuple(SignatureTerm.from_content(term) for term in content["signatures"]),
            verification=evidence and EvidenceTerms.from_content(evidence),
            excludes=tuple(content["separation_of_duties"]["exclude"]),
            expires_after=timedelta(seconds=content["expires_after_seconds"]),
            rationale_required=content["rationale"] == "required",
            lineage_required=content.get("lineage", "required") == "required",
            signers_must_stay=content.get("signers_must_stay", False),
            decision_valid_for=_seconds(content.get("decision_valid_for_seconds")) or DECISION_VALID_FOR,
            process=ProcessTerms.from_content(content),
            owner=content.get("owner"),
            **emergency_terms(content),
            previous_required=content.get("previous_environment") == "required",
            soak=_seconds(content.get("soak_seconds")),
        )


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One immutable version of a policy, as sign-offs are bound to it; `terms` are raised by those that `raised_by` names."""

    policy_id: str
    version: int
    sha256: str
    terms: PolicyTerms
    raised_by: tuple[Mapping[str, Any], ...] = ()

    def reference(self) -> dict[str, Any]:
        """The form in which a sign-off's events carry it."""
        raised_by = {"raised_by": [dict(one) for one in self.raised_by]} if self.raised_by else {}
        return {"id": self.policy_id, "version": self.version, "sha256": self.sha256, **raised_by}


def _seconds(number: int | None) -> timedelta | None:
    return timedelta(seconds=number) if number else None


def terms_in_words(terms: Sequence[SignatureTerm]) -> str:
    """`2 × reviewer, 1 × risk-officer`, for messages."""
    return ", ".join(str(term) for term in terms) or "no signature"
