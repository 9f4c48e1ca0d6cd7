"""The actor of a request: a person or a service account, by opaque id."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Actor", "ActorKind"]

ActorKind = Literal["person", "service_account"]


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated person or service account; `token_id` names the token that proved it."""

    id: str
    kind: ActorKind
    roles: frozenset[str]
    token_id: str
