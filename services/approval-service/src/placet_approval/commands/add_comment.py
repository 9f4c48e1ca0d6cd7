"""Comment on a sign-off, at any time, as any authenticated actor."""

from dataclasses import dataclass

from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off, signers_in_office
from placet_shared.event_store import UnitOfWork

__all__ = ["AddComment", "add_comment"]


@dataclass(frozen=True, slots=True)
class AddComment:
    """A comment decides nothing."""

    sign_off_id: str
    comment: str


async def add_comment(command: AddComment, uow: UnitOfWork) -> SignOffProgress:
    """The text is kept beside the events and can be erased."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    sign_off.comment(uow.actor.id, uow.text(command.comment, kind="comment", subject=sign_off.binding.model_id), await uow.now())
    return save_sign_off(sign_off, uow, await signers_in_office(uow, sign_off))
