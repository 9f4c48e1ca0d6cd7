"""Sign as one person, in one role; the last signature that is needed approves the sign-off."""

from dataclasses import dataclass

from placet_approval.commands.circumstances import around, signer
from placet_approval.commands.earlier_environments import refuse_unpromoted
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off
from placet_shared.event_store import UnitOfWork

__all__ = ["GrantApproval", "grant_approval"]


@dataclass(frozen=True, slots=True)
class GrantApproval:
    """`role` may be left out when only one of the signer's roles is needed."""

    sign_off_id: str
    role: str | None
    rationale: str | None


async def grant_approval(command: GrantApproval, uow: UnitOfWork) -> SignOffProgress:
    """Checks at append what was relied on: the sign-off, the policy, the noes on its bytes, and the streams of all who have signed."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = await around(uow, sign_off)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id) if command.rationale else None
    acting = await signer(uow)
    sign_off.grant(acting, command.role, now, rationale, await uow.now())
    await refuse_unpromoted(uow, now)
    return save_sign_off(sign_off, uow, {**now.in_office, acting.id: acting.roles})
