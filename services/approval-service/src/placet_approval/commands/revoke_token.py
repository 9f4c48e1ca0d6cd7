"""Revoke an access token: people their own, an admin any. Valid here at once."""

from dataclasses import dataclass

from placet_approval.domain.token import Token, demand_management
from placet_shared.event_store import UnitOfWork

__all__ = ["RevokeToken", "RevokedToken", "revoke_token"]


@dataclass(frozen=True, slots=True)
class RevokeToken:
    """`reason` is free text."""

    token_id: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class RevokedToken:
    """The token after the command."""

    token_id: str
    holder_id: str
    revoked: bool
    revision: int


async def revoke_token(command: RevokeToken, uow: UnitOfWork) -> RevokedToken:
    """A token that was revoked before stays as it is, and the result is the same."""
    token = await uow.get(Token, command.token_id, what="token")
    uow.about(token.holder_id)
    demand_management(uow.actor, token.holder_id)
    uow.expect(token)
    if not token.revoked:
        reason = uow.text(command.reason, kind="token_revocation", subject=token.holder_id) if command.reason else None
        token.revoke(reason, await uow.now())
        uow.save(token, subject=token.holder_id)
    return RevokedToken(token.token_id, token.holder_id, token.revoked, token.version)
