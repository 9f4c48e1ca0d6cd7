"""The response models of `/v1/sign-offs`; the views themselves are `queries.sign_off_views`, under the same names."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from placet_approval.domain.known_sign_off import SignOffState
from placet_approval.domain.policy_terms import Involvement
from placet_approval.domain.sign_off_binding import Bound

__all__ = [
    "Act",
    "Binds",
    "BoundResult",
    "Claim",
    "Evidence",
    "Holder",
    "Invalidation",
    "SaidText",
    "SameBytes",
    "SignOffSummary",
    "SignOffView",
    "Signature",
    "StandingNo",
    "TermProgress",
]

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class Holder(BaseModel):
    """A person or a service account; after an erasure only the id is left."""

    id: str = Field(description="An opaque id, which stays.")
    name: str | None = Field(description="Null after an erasure.", examples=["carol"])
    display_name: str | None = Field(description="Null without one, and after an erasure.", examples=["Carol Danvers"])


class TermProgress(BaseModel):
    """`have` of `need` people have signed in one of the roles."""

    any_of: list[str] = Field(description="Roles, one of which a signer must hold.", examples=[["risk-officer"]])
    have: int = Field(description="How many have signed.")
    need: int = Field(description="How many must.")


class SignOffSummary(BaseModel):
    """A sign-off in short."""

    id: str = Field(description="Of the sign-off.")
    state: SignOffState = Field(description="`pending` until people have decided; see also `expired`.")
    expired: bool = Field(description="Whether an approved sign-off is no longer valid, as of this answer.")
    model_id: str = Field(description="The model's id.")
    model: str | None = Field(description="The model's name; null when it is not known here yet.", examples=["fraud"])
    version_id: str = Field(description="The version's id.")
    number: int | None = Field(description="The version's number; null when it is not known here yet.", examples=[7])
    environment: str = Field(description="Where the version is to go.", examples=["prod"])
    requester: Holder = Field(description="Who asked for it, and can't sign it.")
    have: int = Field(description="Signatures that count, in all terms together.", examples=[1])
    need: int = Field(description="Signatures that the policy asks for.", examples=[2])
    progress: list[TermProgress] = Field(description="By term of the policy.")
    requested_at: datetime = Field(description="When the request was recorded.")
    changed_at: datetime = Field(description="When the last act was recorded.")
    expires_at: datetime | None = Field(description="Until when the yes is valid; null until it is approved.")


class BoundResult(BaseModel):
    """The result of one run, by one version of a plan; the plan is null in what was bound before plans stood here."""

    plan_id: str | None = Field(description="Of the plan.")
    plan: str | None = Field(description="Its name.", examples=["prod-checks"])
    version: int | None = Field(description="Of the plan.", examples=[2])
    sha256: str | None = Field(description="Digest of the plan version.")
    run_id: str = Field(description="The run whose result it is.")
    result_sha256: str = Field(description="Digest of the verification result.", examples=[DIGEST])


class Binds(BaseModel):
    """What people agree to; when one of these changes, the sign-off is invalidated."""

    artifact_sha256: str = Field(description="SHA-256 of the version's bytes.", examples=[DIGEST])
    evidence: list[BoundResult] = Field(description="One for each plan that was in force when it was requested.")
    policy: dict[str, Any] = Field(
        description="Id, version and digest of the policy that it was requested under.",
        examples=[{"id": "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10", "version": 3, "sha256": DIGEST}],
    )


class Evidence(BaseModel):
    """The newest verification run by the plan version and with the result that the sign-off is bound to."""

    run_id: str = Field(description="Of the run.")
    plan: str = Field(description="The plan's name.")
    plan_version: int = Field(description="The plan's version.")
    passed: bool = Field(description="Whether all blocking checks were met.")
    result_sha256: str = Field(description="Digest of the run's result.")
    finished_at: datetime = Field(description="When the run ended.")
    dataset_sha256: str | None = Field(description="The data that the model was measured on; null where the plan does not run it.")
    held_out: bool | None = Field(
        description="False when the lineage of a version with the same bytes names these data as training data by now, also if it did not "
        "when the run was made; null without data."
    )


class SameBytes(BaseModel):
    """A version with exactly the same bytes, of this or another model: a person with a part in any of them can't sign."""

    version_id: str = Field(description="The version's id.")
    model_id: str = Field(description="The model's id.")
    model: str | None = Field(description="The model's name; null when it is not known here yet.", examples=["fraud"])
    number: int = Field(description="The version's number.", examples=[7])


class SaidText(BaseModel):
    """A rationale or a comment. After its erasure only the commitment is left, HMAC-SHA256 under a salt that is gone too."""

    id: str = Field(description="Of the text, by which it can be erased.")
    hmac: str = Field(description="The commitment to it that stands in the event.")
    text: str | None = Field(description="Null when it was erased.")
    erased: bool = Field(description="Whether it was.")


class StandingNo(BaseModel):
    """A sign-off of the same bytes for the same environment that was rejected or revoked: when, by whom, about which version, and why."""

    sign_off_id: str = Field(description="The sign-off that ended so.")
    kind: Literal["rejected", "revoked"] = Field(description="How it ended.")
    version_id: str = Field(description="The version that it was about.")
    model_id: str = Field(description="The model of that version.")
    model: str | None = Field(description="The model's name; null when it is not known here yet.")
    number: int | None = Field(description="The number of that version; null when it is not known here yet.")
    by: Holder = Field(description="Who decided it.")
    at: datetime = Field(description="When it was recorded.")
    said: SaidText | None = Field(description="The rationale; null when none was given.")
    answered: bool = Field(description="Whether it stood when this sign-off was requested; a later one stands against it.")


class Claim(BaseModel):
    """`person_id` had a part in the bytes, says `claimed_by`."""

    person_id: str = Field(description="Who had the part.")
    because: Involvement = Field(description="Which part.")
    claimed_by: str = Field(description="Id of who says so.")


class Signature(BaseModel):
    """A signature."""

    by: Holder = Field(description="The signer.")
    role: str = Field(description="In which role.")
    counts: bool = Field(description="False while its signer is not active or does not hold the role, before the quorum is complete.")


class Act(BaseModel):
    """An act or a comment."""

    act: Literal[
        "requested",
        "approved",
        "approval_revoked",
        "rejected",
        "withdrawn",
        "revoked",
        "invalidated",
        "commented",
        "lineage_contested",
        "lineage_confirmed",
        "lineage_set_aside",
    ] = Field(description="What was done.")
    by: Holder = Field(description="Who did it; `system:approval` for what Placet does by itself.")
    role: str | None = Field(description="The role of a signature; null for other acts.")
    token_issuers: list[Holder] = Field(
        description="People who issued the token that was used for a request or a signature, and could have acted with it."
    )
    at: datetime = Field(description="When it was recorded.")
    said: SaidText | None = Field(description="The rationale or the comment; null without one.")


class Invalidation(BaseModel):
    """What changed, from what to what."""

    field: Bound = Field(description="Which of what it binds.")
    old: Any = Field(description="What was signed.")
    new: Any = Field(description="What it is instead.")


class SignOffView(SignOffSummary):
    """A sign-off with all that signers need for their decision."""

    binds: Binds = Field(description="What people agree to.")
    evidence: list[Evidence] = Field(description="Empty when no verification was there, which the policy then did not ask for.")
    signatures: list[Signature] = Field(description="Those that were given and not taken back.")
    excluded: dict[str, list[Involvement]] = Field(description="Who can't sign, by id, and why; for all versions with these bytes.")
    same_bytes: list[SameBytes] = Field(description="Other versions with the same bytes, the newest hundred.")
    same_bytes_in_all: int = Field(description="How many other versions have these bytes.")
    noes: list[StandingNo] = Field(description="Noes on the same bytes for this environment, the newest hundred.")
    contested: list[Claim] = Field(
        description="Claims about its signers that came after the approval; until an admin decides on them the gate denies."
    )
    invalidated: Invalidation | None = Field(description="What changed; null while it is as it was signed.")
    acts: list[Act] = Field(description="All acts and comments, in order.")
    version_of_stream: int = Field(description="The ETag of this answer; send it as `If-Match` to decide on exactly what you have seen.")
