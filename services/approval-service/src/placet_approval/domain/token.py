"""An access token: its holder, its expiry and its hash; never its text."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, Protocol, Self

from placet_approval.domain.timestamps import rfc3339
from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import Forbidden, Invalid

__all__ = ["HolderKind", "Token", "demand_management"]

HolderKind = Literal["person", "service_account"]


class Holder(Protocol):
    """The actor, as the rules on tokens need it."""

    @property
    def id(self) -> str:
        """An opaque id."""

    @property
    def kind(self) -> HolderKind:
        """A person or a system."""

    @property
    def roles(self) -> frozenset[str]:
        """Its roles now."""


class Token(Aggregate):
    """Valid until it is revoked, it expires, or its holder is deactivated."""

    TOPIC = "Token"
    CATEGORY = "token"

    token_id: str
    holder_id: str
    holder_kind: str
    expires_at: str | None
    issuers: list[str]
    revoked: bool = False

    class TokenIssued(Created):
        """Requests with the text of this SHA-256 act as the holder from here on."""

        TOPIC = "TokenIssued"

        token_id: str
        holder_id: str
        holder_kind: str
        token_sha256: str
        expires_at: str | None
        issuers: list[str]

    class TokenRevoked(Event):
        """Requests with this token are refused from here on."""

        TOPIC = "TokenRevoked"

        token_id: str
        reason: dict[str, Any] | None

        def apply(self, aggregate: "Token") -> None:
            aggregate.revoked = True

    @classmethod
    def issue(
        cls,
        token_id: str,
        *,
        holder_id: str,
        holder_kind: HolderKind,
        token_sha256: str,
        expires_at: datetime | None,
        issuers: Iterable[str],
        at: datetime,
    ) -> Self:
        """Begin a token; raises `Invalid` when it would have expired already.

        `issuers` are the people through whose hands its text has gone, or that of the token it is issued with; without the holder.
        """
        if expires_at is not None and expires_at <= at:
            raise Invalid(
                "The token would have expired before it was issued.",
                code="expiry_in_the_past",
                resolve="Give an `expires_at` in the future, or none for a token that does not expire.",
            )
        return cls.create(
            cls.TokenIssued,
            key=token_id,
            at=at,
            token_id=token_id,
            holder_id=holder_id,
            holder_kind=holder_kind,
            token_sha256=token_sha256,
            expires_at=None if expires_at is None else rfc3339(expires_at),
            issuers=sorted({*issuers} - {holder_id}),
        )

    def revoke(self, reason: dict[str, Any] | None, at: datetime) -> None:
        """Refused from now on; a second time is no event. `reason` is a text's commitment."""
        if not self.revoked:
            self.trigger(self.TokenRevoked, at=at, token_id=self.token_id, reason=reason)


def demand_management(actor: Holder, holder_id: str) -> None:
    """Raises `Forbidden` unless the actor may issue and revoke tokens of this holder.

    A service account may not, not even its own: with a stolen token a thief could issue more, which survive the first one's revocation.
    """
    own = actor.kind == "person" and actor.id == holder_id
    if not own and "admin" not in actor.roles:
        raise Forbidden(
            "You may manage your own tokens only." if actor.kind == "person" else "A service account manages no tokens.",
            code="tokens_of_others",
            resolve="Ask an admin.",
        )
