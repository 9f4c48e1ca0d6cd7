"""The events of a sign-off and its state after them; each event names the version and environment that it is about."""

from typing import Any

from placet_approval.domain.evidence import BoundEvidence
from placet_approval.domain.involvement import Claim
from placet_approval.domain.known_sign_off import KnownSignOff, SignOffState
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.reassignment import Reassignment
from placet_approval.domain.sign_off_binding import Binding, Bound, Change
from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.domain.timestamps import parse_rfc3339
from placet_shared.aggregates import Aggregate, Created, Event

__all__ = ["Commitment", "SignOffEvent", "SignOffHistory"]

Commitment = dict[str, Any]


class SignOffEvent(Event):
    """The fields of every event, so that a reader needs no other event to know what it is about."""

    sign_off_id: str
    model_id: str
    version_id: str
    environment: str


class SignOffHistory(Aggregate):
    """The events of a sign-off, and its state after them; what leads to an event is decided in `SignOff`."""

    def __init__(self) -> None:
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

    class SignOffRequested(Created):
        TOPIC = "SignOffRequested"
        SCHEMA_VERSION = 2
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

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.earlier_noes = self.earlier_noes
            aggregate.noes_answered = self.noes_answered
            aggregate.requested_with_token_of = tuple(self.token_issuers)
            aggregate.terms = tuple(SignatureTerm.from_content(term) for term in self.signatures)
            aggregate.binding = Binding(
                model_id=self.model_id,
                version_id=self.version_id,
                environment=self.environment,
                artifact_sha256=self.artifact_sha256,
                evidence=tuple(BoundEvidence.from_content(one) for one in self.evidence),
                policy=self.policy,
                requester=self.requester_id,
            )

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

    class SignOffApproved(SignOffEvent):
        TOPIC = "SignOffApproved"
        SCHEMA_VERSION = 2
        artifact_sha256: str
        evidence: list[dict[str, Any]]
        policy: dict[str, Any]
        approvals: list[dict[str, str]]
        earlier_noes: list[dict[str, Any]]
        expires_at: str

        def apply(self, aggregate: "SignOffHistory") -> None:
            counting = {approval["person_id"] for approval in self.approvals}
            aggregate.approvals = tuple(approval for approval in aggregate.approvals if approval.person_id in counting)
            aggregate.state = "approved"
            aggregate.expires_at = self.expires_at

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

    class SignOffRevoked(SignOffEvent):
        TOPIC = "SignOffRevoked"
        person_id: str
        rationale: Commitment | None

        def apply(self, aggregate: "SignOffHistory") -> None:
            aggregate.state = "revoked"

    class SignOffInvalidated(SignOffEvent):
        TOPIC = "SignOffInvalidated"
        SCHEMA_VERSION = 2
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
            requested_at=self.created_on,
            expires_at=parse_rfc3339(self.expires_at) if self.expires_at else None,
            noes_answered=self.noes_answered,
            set_aside=self.set_aside,
            invalidated=self.invalidated,
        )
