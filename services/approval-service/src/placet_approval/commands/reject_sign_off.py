"""Say no, with a reason: that ends the sign-off."""

from dataclasses import dataclass

from placet_approval.commands.circumstances import circumstances, signer
from placet_approval.commands.sign_off_answers import open_sign_off, sign_off_answer
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["RejectSignOff", "reject_sign_off"]


@dataclass(frozen=True, slots=True)
class RejectSignOff:
    """`role` may be left out."""

    sign_off_id: str
    role: str | None
    rationale: str


async def reject_sign_off(command: RejectSignOff, uow: UnitOfWork) -> Answer:
    """One uninvolved person with a signing role is enough."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = await circumstances(uow, sign_off.binding.version_id, sign_off.binding.environment)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id)
    sign_off.reject(await signer(uow), command.role, now, rationale, await uow.now())
    return sign_off_answer(sign_off, uow)
