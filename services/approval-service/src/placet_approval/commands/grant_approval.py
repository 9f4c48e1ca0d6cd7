"""Sign as one person, in one role, in one's own name or in another person's place; the last signature that is needed approves."""

from dataclasses import dataclass

from placet_approval.commands.acting_for import acting_for
from placet_approval.commands.circumstances import around, signer
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off
from placet_shared.event_store import UnitOfWork

__all__ = ["GrantApproval", "grant_approval"]


@dataclass(frozen=True, slots=True)
class GrantApproval:
    """`role` may be left out when only one of the signer's roles is needed; `on_behalf_of`, an id or a name, when the signer has a role of
    their own or could sign for one person only."""

    sign_off_id: str
    role: str | None
    rationale: str | None
    on_behalf_of: str | None = None


async def grant_approval(command: GrantApproval, uow: UnitOfWork) -> SignOffProgress:
    """Checks at append what was relied on: the sign-off, the policy, the noes on its bytes, and the streams of all who have signed and of
    their delegations."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = await around(uow, sign_off)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id) if command.rationale else None
    acting = await acting_for(uow, await signer(uow), sign_off, command.on_behalf_of, command.role)
    sign_off.grant(acting, command.role, now, rationale, await uow.now())
    return save_sign_off(sign_off, uow, {**now.in_office, **acting.in_office})
