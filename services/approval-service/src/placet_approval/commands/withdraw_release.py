"""Withdraw a release that is still open, and with it the sign-offs of all its members: its requester or an admin."""

from dataclasses import dataclass

from placet_approval.commands.release_members import members_of, open_release, save_release
from placet_approval.commands.release_progress import ReleaseProgress, progress_of
from placet_approval.commands.sign_off_progress import signers_in_office
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.event_store import UnitOfWork

__all__ = ["WithdrawRelease", "withdraw_release"]


@dataclass(frozen=True, slots=True)
class WithdrawRelease:
    """`rationale` is optional: it is not approved yet."""

    release_id: str
    rationale: str | None


async def withdraw_release(command: WithdrawRelease, uow: UnitOfWork) -> ReleaseProgress:
    """A service account that requested it may withdraw it too."""
    release = await open_release(uow, command.release_id)
    release.require_pending()
    actor, at = Signer(uow.actor.id, uow.actor.kind, uow.actor.roles), await uow.now()
    members = await members_of(uow, release)
    for sign_off in members:
        rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id) if command.rationale else None
        sign_off.withdraw(actor, rationale, at)
    release.end("withdrawn", uow.actor.id, at)
    save_release(release, members, uow)
    return progress_of(release, [(sign_off, await signers_in_office(uow, sign_off)) for sign_off in members])
