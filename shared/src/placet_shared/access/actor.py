"""The actor of a request, a person or a service account by opaque id, and the port that finds it by its token."""

from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = ["Actor", "ActorKind", "Authenticator"]

ActorKind = Literal["person", "service_account"]


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated person or service account; `token_id` names the token that proved it."""

    id: str
    kind: ActorKind
    roles: frozenset[str]
    token_id: str


class Authenticator(Protocol):
    """Turns the text of a token into an actor."""

    async def authenticate(self, token: str) -> Actor | None:
        """The actor, or None for a token that is not valid; raises `Unavailable` when it can't be looked up."""
        ...
