"""Issue an access token: people for themselves, an admin for everybody."""

from dataclasses import dataclass
from datetime import datetime

from placet_approval.commands.acting_token import token_issuers
from placet_approval.commands.find_holder import find_holder
from placet_approval.domain.person import Person
from placet_approval.domain.token import Token, demand_management
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["IssueToken", "issue_token"]


@dataclass(frozen=True, slots=True)
class IssueToken:
    """`holder` is an id or a name; of the token's text the command knows the SHA-256 only."""

    token_id: str
    holder: str
    token_sha256: str
    expires_at: datetime | None


async def issue_token(command: IssueToken, uow: UnitOfWork) -> Answer:
    """The stored answer has `token: null`; whoever made the text shows it, once."""
    holder = await find_holder(uow, command.holder)
    holder_id = holder.person_id if isinstance(holder, Person) else holder.account_id
    demand_management(uow.actor, holder_id)
    holder.refuse_inactive()
    token = Token.issue(
        command.token_id,
        holder_id=holder_id,
        holder_kind="person" if isinstance(holder, Person) else "service_account",
        token_sha256=command.token_sha256,
        expires_at=command.expires_at,
        issuers=[*await token_issuers(uow), *([uow.actor.id] if uow.actor.kind == "person" else [])],
        at=await uow.now(),
    )
    uow.save(token, subject=holder_id)
    body = {
        "token_id": token.token_id,
        "holder_id": holder_id,
        "holder_kind": token.holder_kind,
        "expires_at": token.expires_at,
        "token": None,
        "shown": "once",
    }
    return Answer(201, body, etag=token.version, location=f"/v1/tokens/{token.token_id}")
