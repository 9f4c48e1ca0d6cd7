"""Sign as one person, in one role; the last signature that is needed approves the sign-off."""

from dataclasses import dataclass

from placet_approval.commands.circumstances import circumstances, signer
from placet_approval.commands.sign_off_answers import open_sign_off, sign_off_answer
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["GrantApproval", "grant_approval"]


@dataclass(frozen=True, slots=True)
class GrantApproval:
    """`role` may be left out when only one of the signer's roles is needed."""

    sign_off_id: str
    role: str | None
    rationale: str | None


async def grant_approval(command: GrantApproval, uow: UnitOfWork) -> Answer:
    """Checks at append what was relied on: the sign-off, the policy and the signer's own stream."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = await circumstances(uow, sign_off.binding.version_id, sign_off.binding.environment)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id) if command.rationale else None
    sign_off.grant(await signer(uow), command.role, now, rationale, await uow.now())
    return sign_off_answer(sign_off, uow)
