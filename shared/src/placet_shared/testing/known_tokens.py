"""Callers of a service under test: their tokens are known without approval-service."""

from dataclasses import dataclass, field

from placet_shared.access import Actor
from placet_shared.tokens import new_token

__all__ = ["KnownTokens"]


@dataclass
class KnownTokens:
    """An authenticator that knows the tokens that it was given or has issued, and no others."""

    actors: dict[str, Actor] = field(default_factory=dict)

    def issue(self, actor: Actor) -> str:
        """A new token of this actor."""
        token = new_token()
        self.actors[token] = actor
        return token

    async def authenticate(self, token: str) -> Actor | None:
        """As `Authenticator` says."""
        return self.actors.get(token)
