"""Events about releases: the `data` that approval-service publishes, by event type.

A release groups versions of several models that are signed off as one; its members' sign-offs have events of their own, about their models.
The subject of a release's own events is the release; `SignOffJoinedRelease` is about the model.
"""

from typing import Annotated, Literal

from pydantic import Field

from placet_shared.contracts import EventData
from placet_shared.contracts.approval_decisions import SignOffEvent
from placet_shared.contracts.approval_policies import Sha256

__all__ = ["RELEASE_EVENTS", "ReleaseApproved", "ReleaseEnded", "ReleaseRequested", "SignOffJoinedRelease"]


class ReleaseMember(EventData):
    """One version of a release, its bytes, and the sign-off by which people agree to it."""

    sign_off_id: str
    model_id: str
    version_id: str
    artifact_sha256: Sha256


class ReleaseRequested(EventData):
    """People are asked to agree to all of these as one. The sign-offs of the members were requested in the same append.

    The name is for people, in a few plain characters, and need not be unique.
    """

    release_id: str
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
    environment: str
    requester_id: str
    members: Annotated[list[ReleaseMember], Field(min_length=2, max_length=20)]


class ReleaseApproved(EventData):
    """Every member is approved, in the same append, and all of them until this time."""

    release_id: str
    environment: str
    expires_at: str


class ReleaseEnded(EventData):
    """None of its members has a yes by it any more: it was rejected or withdrawn, or it ended with the sign-off of one member.

    `how` is the state of that sign-off; `sign_off_id` is null where it ended as a whole. `ended_by` is a person, or the service.
    """

    release_id: str
    environment: str
    how: Literal["rejected", "withdrawn", "expired", "invalidated", "revoked"]
    sign_off_id: str | None
    ended_by: str


class SignOffJoinedRelease(SignOffEvent):
    """The sign-off is part of this release, which has so many members: it is approved and ends together with them."""

    release_id: str
    members: Annotated[int, Field(ge=2)]


RELEASE_EVENTS: dict[str, type[EventData]] = {
    model.__name__: model for model in (ReleaseRequested, SignOffJoinedRelease, ReleaseApproved, ReleaseEnded)
}
