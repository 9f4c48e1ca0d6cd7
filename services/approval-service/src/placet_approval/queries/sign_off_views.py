"""The forms in which sign-offs are read."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from placet_approval.domain.policy_terms import Involvement
from placet_approval.domain.sign_off import SignOffState
from placet_approval.domain.sign_off_binding import Bound

__all__ = [
    "Act",
    "Binds",
    "Evidence",
    "Holder",
    "Invalidation",
    "SaidText",
    "SignOffSummary",
    "SignOffView",
    "Signature",
    "TermProgress",
]

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class Holder(BaseModel):
    """A person or a service account; after an erasure only the id is left."""

    id: str
    name: str | None = Field(examples=["carol"])
    display_name: str | None = Field(examples=["Carol Danvers"])


class TermProgress(BaseModel):
    """`have` of `need` people have signed in one of the roles."""

    any_of: list[str] = Field(examples=[["risk-officer"]])
    have: int
    need: int


class SignOffSummary(BaseModel):
    """A sign-off in short."""

    id: str
    state: SignOffState
    expired: bool = Field(description="Whether an approved sign-off is no longer valid, as of this answer.")
    model_id: str
    model: str | None = Field(examples=["fraud"])
    version_id: str
    number: int | None = Field(examples=[7])
    environment: str = Field(examples=["prod"])
    requester: Holder
    have: int = Field(examples=[1])
    need: int = Field(examples=[2])
    progress: list[TermProgress]
    requested_at: datetime
    changed_at: datetime
    expires_at: datetime | None = Field(description="Until when the yes is valid; null until it is approved.")


class Binds(BaseModel):
    """What people agree to; when one of these changes, the sign-off is invalidated."""

    artifact_sha256: str = Field(examples=[DIGEST])
    run_id: str | None
    result_sha256: str | None = Field(description="Digest of the verification result.", examples=[DIGEST])
    policy: dict[str, Any] = Field(examples=[{"id": "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10", "version": 3, "sha256": DIGEST}])


class Evidence(BaseModel):
    """The newest verification run with the result that the sign-off is bound to."""

    run_id: str
    plan: str
    passed: bool
    result_sha256: str
    finished_at: datetime


class Signature(BaseModel):
    """A signature that counts."""

    by: Holder
    role: str


class SaidText(BaseModel):
    """A rationale or a comment. After its erasure only the commitment is left, HMAC-SHA256 under a salt that is gone too."""

    id: str
    hmac: str
    text: str | None
    erased: bool


class Act(BaseModel):
    """Something that was done or said."""

    act: Literal["requested", "approved", "approval_revoked", "rejected", "withdrawn", "revoked", "invalidated", "commented"]
    by: Holder
    role: str | None
    token_issuers: list[Holder] = Field(
        description="People who issued the token that was used for a request or a signature, and could have acted with it."
    )
    at: datetime
    said: SaidText | None


class Invalidation(BaseModel):
    """What changed, from what to what."""

    field: Bound
    old: Any
    new: Any


class SignOffView(SignOffSummary):
    """A sign-off with everything that people need to decide."""

    binds: Binds
    evidence: Evidence | None = Field(description="Null when no verification was there, which the policy then did not ask for.")
    signatures: list[Signature]
    excluded: dict[str, list[Involvement]] = Field(description="Who can't sign, by id, and why.")
    invalidated: Invalidation | None
    acts: list[Act] = Field(description="All that was done and said, in order.")
    version_of_stream: int = Field(description="The ETag of this answer; send it as `If-Match` to decide on exactly what you have seen.")
