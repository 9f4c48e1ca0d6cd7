"""Decide on claims about the signers that came after an approval: an admin without a part in it confirms them or sets them aside."""

from dataclasses import dataclass

from placet_approval.commands.circumstances import around, signer
from placet_approval.commands.release_members import end_release_with
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off
from placet_approval.domain.sign_off import ContestVerdict
from placet_shared.event_store import UnitOfWork

__all__ = ["DecideContestedLineage", "decide_contested_lineage"]


@dataclass(frozen=True, slots=True)
class DecideContestedLineage:
    """`confirmed` ends the sign-off; `set_aside` lets it stand, and the claim still excludes from every later one."""

    sign_off_id: str
    verdict: ContestVerdict
    rationale: str


async def decide_contested_lineage(command: DecideContestedLineage, uow: UnitOfWork) -> SignOffProgress:
    """Covers the claims that are known at this moment; a later one suspends the sign-off again."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = await around(uow, sign_off)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id)
    sign_off.decide_contest(await signer(uow), command.verdict, now, rationale, await uow.now())
    await end_release_with(sign_off, uow)
    return save_sign_off(sign_off, uow, now.in_office)
