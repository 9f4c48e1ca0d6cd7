"""The schema version of policies from before they selected models."""

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


class PolicyContentV4(EventData):
    """One environment's terms, normalised, before policies selected models."""

    environment: str
    mode: Mode
    signatures: list[SignatureTerm]
    evidence: EvidenceTerms
    separation_of_duties: SeparationOfDuties
    expires_after_seconds: Annotated[int, Field(ge=1)]
    rationale: Literal["required", "optional"]
    lineage: Annotated[Literal["optional"] | None, Field(description="left out: required")] = None
    signers_must_stay: Annotated[Literal[True] | None, Field(description="left out: false")] = None
    decision_valid_for_seconds: Annotated[int | None, Field(ge=1, description="left out: 900 (15 minutes)")] = None
    feedback: Annotated[list[FeedbackTerm] | None, Field(description="left out: none is asked for")] = None
    in_sequence: Annotated[Literal[True] | None, Field(description="left out: signatures in any order")] = None
    waivers: Annotated[WaiverTerms | None, Field(description="left out: no issue can be waived")] = None
    deadlines: Annotated[DeadlineTerms | None, Field(description="left out: none")] = None
    review_before_seconds: Annotated[int | None, Field(ge=1, description="left out: no review is asked for")] = None
    findings: Annotated[Literal["held"] | None, Field(description="left out: shown, and holding nothing")] = None
    owner: Annotated[Role | None, Field(description="left out: no person reassigns sign-offs")] = None
    when_a_yes_ends: Annotated[Literal["drain", "shadow", "roll_back"] | None, Field(description="left out: alert")] = None
    break_glass: Annotated[BreakGlassTerms | None, Field(description="left out: no person may")] = None
    previous_environment: Annotated[Literal["required"] | None, Field(description="left out: optional")] = None
    soak_seconds: Annotated[int | None, Field(ge=1, description="left out: none")] = None


class PolicyDefinedV4(EventData):
    """From here on this version counts for its environment; it takes effect at once, for every model."""

    policy_id: str
    environment: str
    version: Annotated[int, Field(ge=1)]
    sha256: Annotated[Sha256, Field(description="SHA-256 of `content` as sorted compact JSON")]
    mode: Mode
    content: PolicyContentV4


SUPERSEDED_OF_POLICIES: dict[tuple[str, int], type[EventData]] = {("PolicyDefined", 4): PolicyDefinedV4}
