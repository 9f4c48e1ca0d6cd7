"""The token that an actor uses, and the other people who could act with it."""

from placet_approval.domain.token import Token
from placet_shared.errors import Forbidden
from placet_shared.event_store import UnitOfWork

__all__ = ["token_issuers"]


async def token_issuers(uow: UnitOfWork) -> frozenset[str]:
    """People, other than the holder, who could act with the token of this command.

    Its stream is checked at append: a token that is revoked at this very moment no longer serves. Raises `Forbidden`.
    """
    token = await uow.load(Token, uow.actor.token_id) if uow.actor.token_id else None
    if token is None:
        return frozenset()  # the service itself
    if token.revoked:
        raise Forbidden("Your token was revoked just now.", code="token_revoked", resolve="Ask an admin for a new one.")
    return frozenset(token.issuers)
