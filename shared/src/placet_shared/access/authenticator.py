"""The port through which a service learns whose token it was given."""

from typing import Protocol

from placet_shared.access.actor import Actor

__all__ = ["Authenticator"]


class Authenticator(Protocol):
    """Turns the text of a token into an actor."""

    async def authenticate(self, token: str) -> Actor | None:
        """The actor, or None when no valid token reads like this; raises `Unavailable` when nobody can say."""
        ...
