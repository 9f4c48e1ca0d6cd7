"""Say no, with a reason: that ends the sign-off, and stands against every version with the same bytes in this environment."""

from dataclasses import dataclass

from placet_approval.commands.acting_for import acting_for
from placet_approval.commands.circumstances import around, signer
from placet_approval.commands.reject_bytes import reject_bytes
from placet_approval.commands.release_members import end_release_with
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off
from placet_approval.domain.sign_off import RejectionScope
from placet_shared.event_store import UnitOfWork

__all__ = ["RejectSignOff", "reject_sign_off"]


@dataclass(frozen=True, slots=True)
class RejectSignOff:
    """`role` may be left out; `scope` "request" says that the request was wrong and not the bytes."""

    sign_off_id: str
    role: str | None
    rationale: str
    scope: RejectionScope = "bytes"
    on_behalf_of: str | None = None


async def reject_sign_off(command: RejectSignOff, uow: UnitOfWork) -> SignOffProgress:
    """One person with a signing role and no part in it is enough."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = await around(uow, sign_off)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id)
    acting = await acting_for(uow, await signer(uow), sign_off, command.on_behalf_of, command.role)
    sign_off.reject(acting, command.role, now, rationale, await uow.now(), command.scope)
    if command.scope == "bytes":
        await reject_bytes(sign_off, "rejected", uow.actor.id, uow)
    await end_release_with(sign_off, uow)
    return save_sign_off(sign_off, uow, now.in_office)
