"""Schema version 4 of policies: from before the steps on the way to an environment stood in them."""

from typing import Annotated, Literal

from pydantic import Field

from placet_shared.contracts import EventData
from placet_shared.contracts.approval_policies import (
    BreakGlassTerms,
    DeadlineTerms,
    EvidenceTerms,
    FeedbackTerm,
    Mode,
    Role,
    SeparationOfDuties,
    Sha256,
    SignatureTerm,
    WaiverTerms,
)

__all__ = ["SUPERSEDED_OF_POLICIES"]


def _is_none(value: object) -> bool:
    return value is None


class PolicyContentV4(EventData):
    """One environment's terms, normalised, before steps stood there."""

    environment: str
    mode: Mode
    signatures: list[SignatureTerm]
    evidence: EvidenceTerms
    separation_of_duties: SeparationOfDuties
    expires_after_seconds: Annotated[int, Field(ge=1)]
    rationale: Literal["required", "optional"]
    lineage: Annotated[Literal["optional"] | None, Field(exclude_if=_is_none, description="left out: required")] = None
    signers_must_stay: Annotated[Literal[True] | None, Field(exclude_if=_is_none, description="left out: false")] = None
    decision_valid_for_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: 900 (15 minutes)")] = None
    feedback: Annotated[list[FeedbackTerm] | None, Field(exclude_if=_is_none, description="left out: none is asked for")] = None
    in_sequence: Annotated[Literal[True] | None, Field(exclude_if=_is_none, description="left out: signatures in any order")] = None
    waivers: Annotated[WaiverTerms | None, Field(exclude_if=_is_none, description="left out: no issue can be waived")] = None
    deadlines: Annotated[DeadlineTerms | None, Field(exclude_if=_is_none, description="left out: none")] = None
    review_before_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: no review is asked for")] = None
    findings: Annotated[Literal["held"] | None, Field(exclude_if=_is_none, description="left out: shown, and holding nothing")] = None
    owner: Annotated[Role | None, Field(exclude_if=_is_none, description="left out: no person reassigns sign-offs")] = None
    when_a_yes_ends: Annotated[
        Literal["drain", "shadow", "roll_back"] | None, Field(exclude_if=_is_none, description="left out: alert")
    ] = None
    break_glass: Annotated[BreakGlassTerms | None, Field(exclude_if=_is_none, description="left out: no person may")] = None
    previous_environment: Annotated[Literal["required"] | None, Field(exclude_if=_is_none, description="left out: optional")] = None
    soak_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: none")] = None


class PolicyDefinedV4(EventData):
    """From here on this version counts for its environment."""

    policy_id: str
    environment: str
    version: Annotated[int, Field(ge=1)]
    sha256: Annotated[Sha256, Field(description="SHA-256 of `content` as sorted compact JSON")]
    mode: Mode
    content: PolicyContentV4


SUPERSEDED_OF_POLICIES: dict[tuple[str, int], type[EventData]] = {("PolicyDefined", 4): PolicyDefinedV4}
