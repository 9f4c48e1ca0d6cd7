"""Schema versions of signatures, rejections and policies from before a person could sign in another person's place."""

from typing import Annotated, Any, Literal

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment
from placet_shared.contracts.approval_policies import EvidenceTerms, Mode, Role, SeparationOfDuties, Sha256, SignatureTerm

__all__ = ["SUPERSEDED_OF_SIGNING"]


class _SignOffEvent(EventData):
    sign_off_id: str
    model_id: str
    version_id: str
    environment: str


class ApprovalGrantedV1(_SignOffEvent):
    """One person signed; `token_issuers` are people who could have, since they issued the token that was used."""

    person_id: str
    role: Role
    token_issuers: list[str]
    rationale: TextCommitment | None


class SignOffRejectedV2(_SignOffEvent):
    """One person with a signing role said no: to the bytes, whichever version they are, or to this request alone."""

    person_id: str
    role: Role
    scope: Literal["bytes", "request"]
    rationale: TextCommitment | None


class PolicyContentV3(EventData):
    """One environment's terms, normalised; what is newer than version 1 is left out where it has its default."""

    environment: str
    mode: Mode
    signatures: list[SignatureTerm]
    evidence: EvidenceTerms
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


class SignOffInvalidatedV2(_SignOffEvent):
    """Something that the sign-off is bound to has changed, or stands against it; from before there were releases."""

    field: Literal["artifact_sha256", "evidence", "policy", "excluded", "same_bytes", "signers"]
    old: Any
    new: Any


SUPERSEDED_OF_SIGNING: dict[tuple[str, int], type[EventData]] = {
    ("PolicyDefined", 3): PolicyDefinedV3,
    ("ApprovalGranted", 1): ApprovalGrantedV1,
    ("SignOffRejected", 2): SignOffRejectedV2,
    ("SignOffInvalidated", 2): SignOffInvalidatedV2,
}
