"""Say that a condition of an approval was met, before it is due."""

from dataclasses import dataclass

from placet_approval.commands.circumstances import around, signer
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off
from placet_shared.event_store import UnitOfWork

__all__ = ["MeetCondition", "meet_condition"]


@dataclass(frozen=True, slots=True)
class MeetCondition:
    """The condition and what shows that it was met."""

    sign_off_id: str
    condition_id: str
    rationale: str


async def meet_condition(command: MeetCondition, uow: UnitOfWork) -> SignOffProgress:
    """Who set it, or another person who may sign; not its owner."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = await around(uow, sign_off)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id)
    sign_off.meet_condition(await signer(uow), command.condition_id, now, rationale, await uow.now())
    return save_sign_off(sign_off, uow, now.in_office)
