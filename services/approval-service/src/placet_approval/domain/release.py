"""A release: versions of several models that are signed off as one; each has a sign-off of its own, and this holds them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import Conflict, Invalid

__all__ = ["MOST_MEMBERS", "Member", "Release", "ReleaseState"]

MOST_MEMBERS = 20

ReleaseState = Literal["pending", "approved", "rejected", "withdrawn", "expired", "invalidated", "revoked"]
"""As those of a sign-off: once it has ended it has the state of the member with which it did."""


@dataclass(frozen=True, slots=True)
class Member:
    """One version of a release, its bytes, and the sign-off by which people agree to it."""

    sign_off_id: str
    model_id: str
    version_id: str
    artifact_sha256: str

    def content(self) -> dict[str, str]:
        """Plain JSON, as the event carries it."""
        return {
            "sign_off_id": self.sign_off_id,
            "model_id": self.model_id,
            "version_id": self.version_id,
            "artifact_sha256": self.artifact_sha256,
        }


class _ReleaseEvent(Event):
    release_id: str
    environment: str


class Release(Aggregate):
    """Its members never change. It is approved when the last of them is, and ends with the first of them."""

    TOPIC = "Release"
    CATEGORY = "release"

    def __init__(self) -> None:
        self.state: ReleaseState = "pending"
        self.name = ""
        self.environment = ""
        self.requester_id = ""
        self.members: tuple[Member, ...] = ()

    class ReleaseRequested(Created):
        TOPIC = "ReleaseRequested"
        release_id: str
        name: str
        environment: str
        requester_id: str
        members: list[dict[str, str]]

        def apply(self, aggregate: "Release") -> None:
            aggregate.name, aggregate.environment, aggregate.requester_id = self.name, self.environment, self.requester_id
            aggregate.members = tuple(Member(**member) for member in self.members)

    class ReleaseApproved(_ReleaseEvent):
        TOPIC = "ReleaseApproved"
        expires_at: str

        def apply(self, aggregate: "Release") -> None:
            aggregate.state = "approved"

    class ReleaseEnded(_ReleaseEvent):
        TOPIC = "ReleaseEnded"
        how: ReleaseState
        sign_off_id: str | None
        ended_by: str

        def apply(self, aggregate: "Release") -> None:
            aggregate.state = self.how

    @classmethod
    def request(cls, release_id: str, name: str, environment: str, requester: str, members: Sequence[Member], at: datetime) -> Self:
        """The sign-offs of the members are requested in the same append."""
        require_members([member.model_id for member in members])
        asked: Mapping[str, Any] = {"name": name, "environment": environment, "requester_id": requester}
        listed = [member.content() for member in members]
        return cls.create(cls.ReleaseRequested, key=release_id, at=at, release_id=release_id, **asked, members=listed)

    @property
    def is_over(self) -> bool:
        """Whether it has ended; nothing of it comes back."""
        return self.state not in ("pending", "approved")

    def require_pending(self) -> None:
        """Raises `Conflict` once people have decided, or it has ended."""
        if self.state != "pending":
            raise Conflict(
                f"This release is {self.state}.",
                code="release_closed",
                resolve="See how it stands: `placet releases show ID`; when it has ended, request another.",
                state=self.state,
            )

    def approve(self, expires_at: str, at: datetime) -> None:
        """All members are approved in the same append."""
        self.trigger(self.ReleaseApproved, at=at, release_id=self.key, environment=self.environment, expires_at=expires_at)

    def end(self, how: ReleaseState, ended_by: str, at: datetime, sign_off_id: str | None = None) -> None:
        """With all members, or with the one of this sign-off; what has ended stays as it is."""
        if not self.is_over:
            said = {"how": how, "sign_off_id": sign_off_id, "ended_by": ended_by}
            self.trigger(self.ReleaseEnded, at=at, release_id=self.key, environment=self.environment, **said)


def require_members(models: Sequence[str]) -> None:
    """Two to twenty, of distinct models."""
    if not 2 <= len(models) <= MOST_MEMBERS:
        raise Invalid(
            f"A release has 2 to {MOST_MEMBERS} versions, and this one has {len(models)}.",
            code="release_members",
            resolve="Request the sign-off of a single version alone: `placet signoff request`.",
        )
    if len(set(models)) < len(models):
        raise Invalid(
            "A release has one version of each model, and two of these are of the same.",
            code="release_members",
            resolve="Leave one of them out: only one can be deployed at a time.",
        )
