"""What the streams say of the actor and its token when the command is written: authentication's answer may have been revoked (rule 6)."""

from dataclasses import replace

from placet_approval.domain.person import Person
from placet_approval.domain.service_account import ServiceAccount
from placet_approval.domain.token import Token
from placet_shared.access import Actor
from placet_shared.errors import Forbidden
from placet_shared.event_store import UnitOfWork

__all__ = ["in_office", "token_issuers"]


async def in_office(uow: UnitOfWork) -> Actor:
    """The actor with the roles that are left; the streams of token and holder are checked at append. Raises `Forbidden`."""
    actor: Actor = uow.actor
    await uow.preload((Token, actor.token_id), (Person if actor.kind == "person" else ServiceAccount, actor.id))
    token = await uow.load(Token, actor.token_id)
    if token is None or token.revoked:
        raise Forbidden("Your token was revoked just now.", code="token_revoked", resolve="Ask an admin for a new one.")
    holder = await (uow.load(Person, actor.id) if actor.kind == "person" else uow.load(ServiceAccount, actor.id))
    if holder is None or not holder.active:
        raise Forbidden("You were deactivated just now.", code="deactivated", resolve="Ask an admin whether that was meant.")
    return replace(actor, roles=actor.roles & frozenset(holder.roles))


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
