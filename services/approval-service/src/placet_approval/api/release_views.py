"""Bodies of requests to `/v1/releases`, and its answers."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from placet_approval.api.sign_off_bodies import MissingSignatures, Obstacle, OnBehalfOf, Rationale, Role
from placet_approval.api.sign_off_views import Holder, SignOffSummary
from placet_approval.domain.known_sign_off import SignOffState
from placet_approval.domain.release import MOST_MEMBERS, ReleaseState

__all__ = [
    "NAME",
    "ReleaseApprovalBody",
    "ReleaseProgress",
    "ReleaseRejectionBody",
    "ReleaseRequest",
    "ReleaseSummary",
    "ReleaseView",
    "RequestedRelease",
]

ID = "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"
NAME = r"^[a-z0-9][a-z0-9._-]{0,62}$"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WantedVersion(_Body):
    """A version, by its id or by model and number."""

    version_id: str | None = Field(None, max_length=36, description="The version's id, or else `model` and `number`.")
    model: str | None = Field(None, max_length=200, description="Id or name.", examples=["fraud"])
    number: int | None = Field(None, description="The version's number.", ge=1, le=2**31 - 1, examples=[7])

    @model_validator(mode="after")
    def _names_a_version(self) -> Self:
        by_number = self.model is not None and self.number is not None
        if (self.version_id is not None) == by_number or (self.version_id and (self.model or self.number)):
            raise ValueError("name the version by `version_id`, or by `model` and `number`")
        return self


class ReleaseRequest(_Body):
    """The versions that are to be signed off as one, where they are to go, and the reason."""

    name: str = Field(pattern=NAME, max_length=63, description="For people; it may have been used before.", examples=["2026-12"])
    environment: str = Field(description="Where the versions are to go.", max_length=63, examples=["prod"])
    versions: Annotated[list[WantedVersion], Field(min_length=2, max_length=MOST_MEMBERS)] = Field(
        description=f"Two to {MOST_MEMBERS}, each of another model."
    )
    rationale: Rationale | None = Field(None, description="Why they should go there; the policy may require one.")


class ReleaseApprovalBody(_Body):
    """The role of the signature, and its rationale, which are kept with every version."""

    rationale: Rationale | None = Field(None, description="What you looked at and why it is good enough; the policy may require one.")
    role: Role | None = Field(None, description="Only needed when you have several of the roles that are still asked for.")
    on_behalf_of: OnBehalfOf = None


class ReleaseRejectionBody(_Body):
    """Why the release is not to go on. It says nothing about the bytes of its versions."""

    rationale: Rationale
    role: Role | None = None
    on_behalf_of: OnBehalfOf = None


class RequestedMember(BaseModel):
    """A version of the release, and the sign-off that is open for it now."""

    sign_off_id: str = Field(description="By which this version is looked at.", examples=[ID])
    model_id: str = Field(description="The model's id.")
    version_id: str = Field(description="The version's id.")
    artifact_sha256: str = Field(description="The bytes that people agree to.")


class RequestedRelease(BaseModel):
    """The release that is open now."""

    id: str = Field(examples=[ID])
    name: str = Field(examples=["2026-12"])
    state: ReleaseState
    environment: str = Field(examples=["prod"])
    members: list[RequestedMember]
    obstacles: list[Obstacle] = Field(description="What keeps it from being completed now: people who are absent, without a delegate.")


class MemberProgress(BaseModel):
    """A version of the release, and how far its sign-off is."""

    sign_off_id: str = Field(examples=[ID])
    model_id: str = Field(description="The model's id.")
    version_id: str = Field(description="The version's id.")
    state: SignOffState
    have: int = Field(description="Signatures that count.", examples=[1])
    need: int = Field(description="Signatures that the policy asks for.", examples=[2])
    missing: list[MissingSignatures] = Field(description="By term of the policy; empty when the quorum is complete.")


class ReleaseProgress(BaseModel):
    """The release after the command."""

    id: str = Field(examples=[ID])
    state: ReleaseState
    members: list[MemberProgress]
    expires_at: datetime | None = Field(description="Until when the yes is valid; null until it is approved.")


class MemberView(BaseModel):
    """A version of a release, and how its sign-off stands."""

    sign_off_id: str = Field(examples=[ID])
    model_id: str = Field(description="The model's id.")
    model: str | None = Field(description="The model's name; null when it is not known here yet.", examples=["fraud"])
    version_id: str = Field(description="The version's id.")
    number: int | None = Field(description="The version's number; null when it is not known here yet.", examples=[7])
    sha256: str = Field(description="The bytes that people agree to.")
    state: SignOffState


class ReleaseSummary(BaseModel):
    """A release in short."""

    id: str = Field(examples=[ID])
    name: str = Field(description="For people; several releases may have it.", examples=["2026-12"])
    environment: str = Field(description="Where its versions are to go.", examples=["prod"])
    state: ReleaseState = Field(description="Once it has ended: the state of the sign-off with which it did.")
    expired: bool = Field(description="Whether an approved release is no longer valid, as of this answer.")
    suspended: bool = Field(description="Whether an approved release is held: none of its versions has a yes meanwhile.")
    requester: Holder
    members: list[MemberView]
    requested_at: datetime
    changed_at: datetime
    expires_at: datetime | None = Field(description="Until when the yes is valid; null until it is approved.")
    ended_by: Holder | None = Field(description="Whose act ended it; the service itself, when a fact has changed.")
    ended_with: str | None = Field(description="The sign-off with which it ended; null when it ended as a whole.")


class ReleaseView(ReleaseSummary):
    """A release with the sign-offs of its versions."""

    sign_offs: list[SignOffSummary]
    version_of_stream: int = Field(description="The ETag of this answer; send it as `If-Match` to decide on exactly what you have seen.")
