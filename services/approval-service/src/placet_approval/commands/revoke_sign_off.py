"""Revoke one's own signature while the sign-off is pending, the whole sign-off once it is approved."""

from dataclasses import dataclass

from placet_approval.commands.circumstances import signer
from placet_approval.commands.reject_bytes import reject_bytes
from placet_approval.commands.release_members import end_release_with
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off, signers_in_office
from placet_shared.event_store import UnitOfWork

__all__ = ["RevokeSignOff", "revoke_sign_off"]


@dataclass(frozen=True, slots=True)
class RevokeSignOff:
    """The rationale is what an operator reads when a deployment is denied."""

    sign_off_id: str
    rationale: str


async def revoke_sign_off(command: RevokeSignOff, uow: UnitOfWork) -> SignOffProgress:
    """Once answered, no gate decision that relies on the sign-off can be written, and the no stands against its bytes."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id)
    sign_off.revoke(await signer(uow), rationale, await uow.now())
    if sign_off.state == "revoked":
        await reject_bytes(sign_off, "revoked", uow.actor.id, uow)
    await end_release_with(sign_off, uow)
    return save_sign_off(sign_off, uow, await signers_in_office(uow, sign_off))
