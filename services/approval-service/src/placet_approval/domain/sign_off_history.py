"""The events of a sign-off and its state after them; each event names the version and environment that it is about."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from placet_approval.domain.evidence import BoundEvidence
from placet_approval.domain.involvement import Claim
from placet_approval.domain.known_sign_off import KnownSignOff, OfRelease, SignOffState
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.reassignment import Reassignment
from placet_approval.domain.sign_off_binding import Binding, Bound, Change
from placet_approval.domain.sign_off_event import Commitment, SignOffEvent
from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.domain.sign_off_rounds import SignOffRounds
from placet_approval.domain.timestamps import parse_rfc3339
from placet_shared.aggregates import Created

__all__ = ["SignOffHistory"]


class SignOffHistory(SignOffRounds):
    """The events of a sign-off, and its state after them; what leads to an event is decided in `SignOff`."""

    def __init__(self) -> None:
        super().__init__()
        self.state: SignOffState = "pending"
        self.binding: Binding
        self.terms: tuple[SignatureTerm, ...] = ()
        self.approvals: tuple[Approval, ...] = ()
        self.reassignments: tuple[Reassignment, ...] = ()
        self.requested_with_token_of: tuple[str, ...] = ()
        self.earlier_noes: list[dict[str, Any]] = []
        self.noes_answered: int | None = 0
        self.set_aside: frozenset[Claim] = frozenset()
        self.contested: frozenset[Claim] = frozenset()
        self.invalidated: Change | None = None
        self.expires_at: str | None = None
        self.longest_until: str | None = None
        self.asked_at: datetime | None = None
        self.review_at: str | None = None
        self.release: OfRelease | None = None

    def _bind(
        self, binding: Binding, signatures: list[dict[str, Any]], token_issuers: list[str], noes: list[dict[str, Any]], answered: int | None
    ) -> None:
        self.binding = binding
        self.terms = tuple(SignatureTerm.from_content(term) for term in signatures)
        self.requested_with_token_of = tuple(token_issuers)
        self.earlier_noes = noes
        self.noes_answered = answered

    class SignOffRequested(Created):
        TOPIC = "SignOffRequested"
        SCHEMA_VERSION = 3
        sign_off_id: str
        model_id: str
        version_id: str
        environment: str
        artifact_sha256: str
        evidence: list[dict[str, Any]]
        policy: dict[str, Any]
        signatures: list[dict[str, Any]]
        requester_id: str
        token_issuers: list[str]
        excluded: list[dict[str, Any]]
        excluded_in_all: int
        earlier_noes: list[dict[str, Any]]
        noes_answered: int | None
        rationale: Commitment | None

        feedback: list[dict[str, Any]]
        in_sequence: bool
        deadlines: dict[str, Any] | None
        carried_issues: list[dict[str, Any]]
        findings: list[dict[str, Any]]

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate._bind(_binding_of(self), self.signatures, self.token_issuers, self.earlier_noes, self.noes_answered)
            aggregate._begin_round(1, self.feedback, self.in_sequence, self.deadlines, self.carried_issues, self.findings)

    class SignOffReset(SignOffEvent):
        TOPIC = "SignOffReset"
        artifact_sha256: str
        evidence: list[dict[str, Any]]
        policy: dict[str, Any]
        signatures: list[dict[str, Any]]
        requester_id: str
        token_issuers: list[str]
        excluded: list[dict[str, Any]]
        excluded_in_all: int
        earlier_noes: list[dict[str, Any]]
        noes_answered: int
        rationale: Commitment | None
        feedback: list[dict[str, Any]]
        in_sequence: bool
        deadlines: dict[str, Any] | None
        carried_issues: list[dict[str, Any]]
        findings: list[dict[str, Any]]
        round: int

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.state, aggregate.approvals, aggregate.invalidated = "pending", (), None
            aggregate.asked_at = self.timestamp
            aggregate._bind(_binding_of(self), self.signatures, self.token_issuers, self.earlier_noes, self.noes_answered)
            aggregate._begin_round(self.round, self.feedback, self.in_sequence, self.deadlines, self.carried_issues, self.findings)

    class ApprovalGranted(SignOffEvent):
        TOPIC = "ApprovalGranted"
        SCHEMA_VERSION = 2
        person_id: str
        role: str
        token_issuers: list[str]
        on_behalf_of: str | None
        delegation_id: str | None
        rationale: Commitment | None

        def apply(self, aggregate: "SignOffHistory") -> None:
            issuers = tuple(self.token_issuers)
            aggregate.approvals += (Approval(self.person_id, self.role, issuers, self.on_behalf_of, self.delegation_id),)

    class ApprovalRevoked(SignOffEvent):
        TOPIC = "ApprovalRevoked"
        person_id: str
        rationale: Commitment | None

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.approvals = tuple(approval for approval in aggregate.approvals if approval.person_id != self.person_id)
            aggregate.conditions = {key: one for key, one in aggregate.conditions.items() if one.set_by != self.person_id}

    class SignOffApproved(SignOffEvent):
        TOPIC = "SignOffApproved"
        SCHEMA_VERSION = 3
        artifact_sha256: str
        evidence: list[dict[str, Any]]
        policy: dict[str, Any]
        approvals: list[dict[str, str]]
        earlier_noes: list[dict[str, Any]]
        expires_at: str
        longest_until: str
        review_at: str | None
        conditions: list[str]
        waived_issues: list[str]

        def apply(self, aggregate: "SignOffHistory") -> None:
            counting = {approval["person_id"] for approval in self.approvals}
            aggregate.approvals = tuple(approval for approval in aggregate.approvals if approval.person_id in counting)
            aggregate.state = "approved"
            aggregate.expires_at = self.expires_at
            aggregate.longest_until = self.longest_until
            aggregate.review_at = self.review_at

    class SignOffRejected(SignOffEvent):
        TOPIC = "SignOffRejected"
        SCHEMA_VERSION = 3
        person_id: str
        role: str
        scope: str
        on_behalf_of: str | None
        delegation_id: str | None
        rationale: Commitment | None

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.state = "rejected"

    class SignOffWithdrawn(SignOffEvent):
        TOPIC = "SignOffWithdrawn"
        withdrawn_by: str
        rationale: Commitment | None

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.state = "withdrawn"

    class SignOffExpired(SignOffEvent):
        TOPIC = "SignOffExpired"
        ended_at: str

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.state = "expired"

    class SignOffSuspended(SignOffEvent):
        TOPIC = "SignOffSuspended"
        person_id: str
        rationale: Commitment

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.state = "suspended"

    class SignOffResumed(SignOffEvent):
        TOPIC = "SignOffResumed"
        person_id: str
        token_issuers: list[str]
        rationale: Commitment

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.state = "approved"

    class ConditionMet(SignOffEvent):
        TOPIC = "ConditionMet"
        condition_id: str
        person_id: str
        expires_at: str | None
        rationale: Commitment

        def apply(self, aggregate: "SignOffHistory") -> None:
            met = replace(aggregate.conditions[self.condition_id], met=True)
            aggregate.conditions = {**aggregate.conditions, self.condition_id: met}
            aggregate.expires_at = self.expires_at

    class SignOffRevoked(SignOffEvent):
        TOPIC = "SignOffRevoked"
        person_id: str
        rationale: Commitment | None

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.state = "revoked"

    class SignOffInvalidated(SignOffEvent):
        TOPIC = "SignOffInvalidated"
        SCHEMA_VERSION = 3
        field: Bound
        old: Any
        new: Any

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.state = "invalidated"
            aggregate.invalidated = Change(self.field, self.old, self.new)

    class LineageContested(SignOffEvent):
        TOPIC = "LineageContested"
        claims: list[dict[str, str]]

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.contested |= {Claim.from_content(claim) for claim in self.claims}

    class LineageContestDecided(SignOffEvent):
        TOPIC = "LineageContestDecided"
        person_id: str
        verdict: str
        claims: list[dict[str, str]]
        rationale: Commitment

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.contested = frozenset()
            if self.verdict == "set_aside":
                aggregate.set_aside |= {Claim.from_content(claim) for claim in self.claims}

    class SignOffReassigned(SignOffEvent):
        TOPIC = "SignOffReassigned"
        absent_id: str
        person_id: str
        role: str
        reassigned_by: str
        token_issuers: list[str]
        reason: Commitment

        def apply(self, aggregate: "SignOffHistory") -> None:
            given = Reassignment(self.absent_id, self.person_id, self.role, self.reassigned_by, tuple(self.token_issuers))
            aggregate.reassignments += (given,)

    class SignOffJoinedRelease(SignOffEvent):
        TOPIC = "SignOffJoinedRelease"
        release_id: str
        members: int

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.release = OfRelease(self.release_id, self.members)

    class CommentAdded(SignOffEvent):
        TOPIC = "CommentAdded"
        author_id: str
        comment: Commitment

    @property
    def known(self) -> KnownSignOff:
        """Its current state."""
        return KnownSignOff(
            sign_off_id=self.key,
            state=self.state,
            binding=self.binding,
            terms=self.terms,
            approvals=self.approvals,
            requested_at=self.asked_at or self.created_on,
            expires_at=parse_rfc3339(self.expires_at) if self.expires_at else None,
            noes_answered=self.noes_answered,
            set_aside=self.set_aside,
            invalidated=self.invalidated,
            round=self.round,
            feedback_terms=self.feedback_terms,
            in_sequence=self.in_sequence,
            feedback=self.feedback,
            issues=tuple(self.issues.values()),
            conditions=tuple(self.conditions.values()),
            changes_requested=self.changes_requested,
            ends_at=parse_rfc3339(self.deadlines["ends_at"]) if self.deadlines and self.deadlines["ends_at"] else None,
            release=self.release,
        )


def _binding_of(asked: Any) -> Binding:
    return Binding(
        model_id=asked.model_id,
        version_id=asked.version_id,
        environment=asked.environment,
        artifact_sha256=asked.artifact_sha256,
        evidence=tuple(BoundEvidence.from_content(one) for one in asked.evidence),
        policy=asked.policy,
        requester=asked.requester_id,
    )
