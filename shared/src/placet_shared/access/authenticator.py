"""The port through which a service learns which actor holds a token."""

from typing import Protocol

from placet_shared.access.actor import Actor

__all__ = ["Authenticator"]


class Authenticator(Protocol):
    """Turns the text of a token into an actor."""

    async def authenticate(self, token: str) -> Actor | None:
        """The actor, or None for a token that is not valid; raises `Unavailable` when it can't be looked up."""
        ...
