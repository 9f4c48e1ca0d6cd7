"""Issue an access token: people for themselves, an admin for any holder; a second admin may have to confirm that of another person."""

from dataclasses import dataclass, field
from datetime import datetime

from placet_approval.commands.find_holder import find_holder
from placet_approval.commands.governed_access import propose, two_admins
from placet_approval.commands.in_office import token_issuers
from placet_approval.domain.person import Person
from placet_approval.domain.token import HolderKind, Token, demand_management
from placet_shared.event_store import UnitOfWork
from placet_shared.identifiers import new_id

__all__ = ["IssueToken", "IssuedToken", "issue_token"]


@dataclass(frozen=True, slots=True)
class IssueToken:
    """`holder` is an id or a name; of the token's text the command knows the SHA-256 only. `change_id` is used when it waits."""

    token_id: str
    holder: str
    token_sha256: str
    expires_at: datetime | None
    change_id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """Everything but the token's text, which the caller made and shows once; it is not valid while `proposed_change` waits."""

    token_id: str
    holder_id: str
    holder_kind: HolderKind
    expires_at: str | None
    proposed_change: str | None
    revision: int


async def issue_token(command: IssueToken, uow: UnitOfWork) -> IssuedToken:
    """Raises `NotFound`, `Invalid`, `Forbidden` for another holder's token, `Conflict` for a holder who is deactivated."""
    holder = await find_holder(uow, command.holder)
    kind: HolderKind = "person" if isinstance(holder, Person) else "service_account"
    holder_id = holder.person_id if isinstance(holder, Person) else holder.account_id
    demand_management(uow.actor, holder_id)
    holder.refuse_inactive()
    token = Token.issue(
        command.token_id,
        holder_id=holder_id,
        holder_kind=kind,
        token_sha256=command.token_sha256,
        expires_at=command.expires_at,
        issuers=[*await token_issuers(uow), *([uow.actor.id] if uow.actor.kind == "person" else [])],
        at=await uow.now(),
    )
    if kind == "person" and holder_id != uow.actor.id and await two_admins(uow):
        made = {"token_id": token.token_id, "token_sha256": command.token_sha256, "expires_at": token.expires_at}
        proposed = await propose(uow, command.change_id, "token", holder_id, person_id=holder_id, token=made)
        return IssuedToken(token.token_id, holder_id, kind, token.expires_at, proposed, 0)
    uow.save(token, subject=holder_id)
    return IssuedToken(token.token_id, holder_id, kind, token.expires_at, None, token.version)
