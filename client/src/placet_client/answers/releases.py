"""Releases, as approval-service answers."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Part
from placet_client.answers.sign_offs import Holder, MissingSignatures, Obstacle, SignOffSummary

__all__ = ["MemberProgress", "Release", "ReleaseMember", "ReleaseProgress", "ReleaseSummary", "RequestedRelease"]


class ReleaseMember(Part, frozen=True, kw_only=True):
    """A version of a release, and the state of its sign-off."""

    sign_off_id: str
    model_id: str
    model: str | None = None
    version_id: str
    number: int | None = None
    sha256: str
    state: str

    @property
    def name(self) -> str:
        """As people know it: fraud/3."""
        return f"{self.model or self.model_id}/{self.number or self.version_id}"


class ReleaseSummary(Answer, frozen=True, kw_only=True):
    """A release in a listing; `state` is pending, approved, rejected, withdrawn, expired, invalidated or revoked.

    `suspended`: it is approved and held. `ended_with` is the sign-off with which it ended, None where it ended as a whole.
    """

    id: str
    name: str
    environment: str
    state: str
    expired: bool
    suspended: bool
    requester: Holder
    members: tuple[ReleaseMember, ...] = ()
    requested_at: datetime
    changed_at: datetime
    expires_at: datetime | None = None
    ended_by: Holder | None = None
    ended_with: str | None = None


class Release(ReleaseSummary, frozen=True, kw_only=True):
    """A release with the sign-offs of its versions."""

    sign_offs: tuple[SignOffSummary, ...] = ()
    version_of_stream: int


class RequestedRelease(Answer, frozen=True, kw_only=True):
    """A release that was requested now; `members` have sign_off_id, model_id, version_id, artifact_sha256."""

    id: str
    name: str
    state: str
    environment: str
    members: tuple[dict[str, Any], ...] = ()
    obstacles: tuple[Obstacle, ...] = ()


class MemberProgress(Part, frozen=True, kw_only=True):
    """How far the sign-off of one version is."""

    sign_off_id: str
    model_id: str
    version_id: str
    state: str
    have: int
    need: int
    missing: tuple[MissingSignatures, ...] = ()


class ReleaseProgress(Answer, frozen=True, kw_only=True):
    """A release after an act; `expires_at` once it is approved."""

    id: str
    state: str
    members: tuple[MemberProgress, ...] = ()
    expires_at: datetime | None = None
