"""Withdraw a sign-off that is still open: its requester or an admin."""

from dataclasses import dataclass

from placet_approval.commands.release_members import end_release_with
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off, signers_in_office
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.event_store import UnitOfWork

__all__ = ["WithdrawSignOff", "withdraw_sign_off"]


@dataclass(frozen=True, slots=True)
class WithdrawSignOff:
    """`rationale` is optional: the sign-off is not approved yet."""

    sign_off_id: str
    rationale: str | None


async def withdraw_sign_off(command: WithdrawSignOff, uow: UnitOfWork) -> SignOffProgress:
    """A service account that requested it may withdraw it too."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id) if command.rationale else None
    sign_off.withdraw(Signer(uow.actor.id, uow.actor.kind, uow.actor.roles), rationale, await uow.now())
    await end_release_with(sign_off, uow)
    return save_sign_off(sign_off, uow, await signers_in_office(uow, sign_off))
