"""Schema versions that were published and are no longer written: they stay in logs for ever, and readers still meet them.

Each model is named after its event and version. Of approval's events: from version 2 on `evidence` is a list that names each plan, a
sign-off says which noes on its bytes it answers, a rejection what it is about, and a gate decision until when it may be used. From
version 3 on a request says who gives feedback and by when people decide, and an approval on which conditions it rests.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment
from placet_shared.contracts.approval_decisions import EarlierNo, Evidence, Exclusion, Signature
from placet_shared.contracts.approval_gate import GateQuestion
from placet_shared.contracts.approval_policies import Mode, PolicyReference, Role, SeparationOfDuties, Sha256, SignatureTerm
from placet_shared.contracts.superseded_access import SUPERSEDED_OF_ACCESS
from placet_shared.contracts.superseded_policies import SUPERSEDED_OF_POLICIES
from placet_shared.contracts.superseded_signing import SUPERSEDED_OF_SIGNING
from placet_shared.contracts.superseded_verification import SUPERSEDED_OF_VERIFICATION

__all__ = ["SUPERSEDED"]


class LineageAddedV1(EventData):
    """The actor claims that these people had a part in the version's bytes too."""

    version_id: str
    model_id: str
    artifact_sha256: Sha256
    trained_by: list[str]
    prepared_by: list[str]


class VerificationTermsV2(EventData):
    """A passed verification, by the named plan if there is one, not older than that."""

    plan: str | None
    max_age_seconds: Annotated[int, Field(ge=1)]


class EvidenceTermsV2(EventData):
    """What must be there before people are asked."""

    verification: VerificationTermsV2 | None


class _PolicyContent(EventData):
    environment: str
    mode: Mode
    signatures: list[SignatureTerm]
    separation_of_duties: SeparationOfDuties
    expires_after_seconds: Annotated[int, Field(ge=1)]
    rationale: Literal["required", "optional"]


class PolicyContentV1(_PolicyContent):
    """One environment's terms, normalised."""

    evidence: EvidenceTermsV2


class PolicyDefinedV1(EventData):
    """From here on this version counts for its environment."""

    policy_id: str
    environment: str
    version: Annotated[int, Field(ge=1)]
    sha256: Annotated[Sha256, Field(description="SHA-256 of `content` as sorted compact JSON")]
    mode: Mode
    content: PolicyContentV1


class PolicyContentV2(PolicyContentV1):
    """The same; what is newer than version 1 is left out where it has its default."""

    lineage: Literal["optional"] | None = None
    signers_must_stay: Literal[True] | None = None
    decision_valid_for_seconds: Annotated[int | None, Field(ge=1)] = None


class PolicyDefinedV2(EventData):
    """From here on this version counts for its environment."""

    policy_id: str
    environment: str
    version: Annotated[int, Field(ge=1)]
    sha256: Annotated[Sha256, Field(description="SHA-256 of `content` as sorted compact JSON")]
    mode: Mode
    content: PolicyContentV2


class VerificationTermsV3(VerificationTermsV2):
    """The same; held-out data may be asked for."""

    held_out: Literal["required"] | None = None


class EvidenceTermsV3(EventData):
    """What must be there before people are asked."""

    verification: VerificationTermsV3 | None


class PolicyContentV3(EventData):
    """One environment's terms, normalised, before emergencies stood there."""

    environment: str
    mode: Mode
    signatures: list[SignatureTerm]
    evidence: EvidenceTermsV3
    separation_of_duties: SeparationOfDuties
    expires_after_seconds: Annotated[int, Field(ge=1)]
    rationale: Literal["required", "optional"]
    lineage: Literal["optional"] | None = None
    signers_must_stay: Literal[True] | None = None
    decision_valid_for_seconds: Annotated[int | None, Field(ge=1)] = None


class PolicyDefinedV3(EventData):
    """From here on this version counts for its environment."""

    policy_id: str
    environment: str
    version: Annotated[int, Field(ge=1)]
    sha256: Annotated[Sha256, Field(description="SHA-256 of `content` as sorted compact JSON")]
    mode: Mode
    content: PolicyContentV3


class _SignOffEventV1(EventData):
    sign_off_id: str
    model_id: str
    version_id: str
    environment: str


class _BoundV1(_SignOffEventV1):
    artifact_sha256: Sha256
    run_id: str | None
    result_sha256: Sha256 | None
    policy: PolicyReference


class SignOffRequestedV1(_BoundV1):
    """People are asked to agree to exactly these bytes, this evidence and these terms."""

    signatures: list[SignatureTerm]
    requester_id: str
    token_issuers: list[str]
    excluded: list[Exclusion]
    rationale: TextCommitment | None


class SignOffApprovedV1(_BoundV1):
    """All required signatures are there."""

    approvals: list[Signature]
    expires_at: str


class _BoundV2(_SignOffEventV1):
    artifact_sha256: Sha256
    evidence: list[Evidence]
    policy: PolicyReference


class SignOffRequestedV2(_BoundV2):
    """People are asked to agree to exactly these bytes, this evidence and these terms."""

    signatures: list[SignatureTerm]
    requester_id: str
    token_issuers: list[str]
    excluded: list[Exclusion]
    excluded_in_all: Annotated[int, Field(ge=0)]
    earlier_noes: list[EarlierNo]
    noes_answered: Annotated[int, Field(ge=0)] | None
    rationale: TextCommitment | None


class SignOffApprovedV2(_BoundV2):
    """All required signatures are there; `approvals` are those that counted."""

    approvals: list[Signature]
    earlier_noes: list[EarlierNo]
    expires_at: str


class SignOffRejectedV1(_SignOffEventV1):
    """One person with a signing role said no, to the bytes."""

    person_id: str
    role: Role
    rationale: TextCommitment | None


class SignOffInvalidatedV1(_SignOffEventV1):
    """Something that the sign-off is bound to has changed."""

    field: Literal["artifact_sha256", "result_sha256", "policy", "excluded"]
    old: Any
    new: Any


class GateDecisionMadeV1(EventData):
    """A durable answer of the gate, with the positions of the sources that it was made on."""

    decision_id: str
    environment: str
    question: GateQuestion
    verdict: Literal["allow", "warn", "deny"]
    allowed: bool
    decided: bool
    reasons: list[str]
    model_id: str | None
    version_id: str | None
    artifact_sha256: Sha256 | None
    sign_off_id: str | None
    policy: PolicyReference | None
    positions: dict[str, str]


class GateDecisionMadeV2(GateDecisionMadeV1):
    """A durable answer of the gate; a yes may be used until `valid_until`."""

    valid_until: str | None


class GateDecisionMadeV3(GateDecisionMadeV2):
    """The same; `break_glass` is the id of the one by which it is allowed in spite of the reasons; null where none was needed."""

    break_glass: str | None


SUPERSEDED: dict[tuple[str, int], type[EventData]] = {
    ("LineageAdded", 1): LineageAddedV1,
    ("PolicyDefined", 1): PolicyDefinedV1,
    ("PolicyDefined", 2): PolicyDefinedV2,
    ("PolicyDefined", 3): PolicyDefinedV3,
    ("SignOffRequested", 1): SignOffRequestedV1,
    ("SignOffRequested", 2): SignOffRequestedV2,
    ("SignOffApproved", 1): SignOffApprovedV1,
    ("SignOffApproved", 2): SignOffApprovedV2,
    ("SignOffRejected", 1): SignOffRejectedV1,
    ("SignOffInvalidated", 1): SignOffInvalidatedV1,
    ("GateDecisionMade", 1): GateDecisionMadeV1,
    **SUPERSEDED_OF_ACCESS,
    **SUPERSEDED_OF_SIGNING,
    ("GateDecisionMade", 2): GateDecisionMadeV2,
    ("GateDecisionMade", 3): GateDecisionMadeV3,
    **SUPERSEDED_OF_POLICIES,
    **SUPERSEDED_OF_VERIFICATION,
}
