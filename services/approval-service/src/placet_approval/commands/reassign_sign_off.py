"""Reassign one sign-off: the policy's owner lets a person sign in the place of one who is absent."""

from dataclasses import dataclass

from placet_approval.commands.circumstances import around, signer
from placet_approval.commands.find_holder import find_person
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off
from placet_approval.domain.absence import Absence
from placet_approval.domain.reassignment import Absentee, Reassignment
from placet_shared.event_store import UnitOfWork

__all__ = ["ReassignSignOff", "reassign_sign_off"]


@dataclass(frozen=True, slots=True)
class ReassignSignOff:
    """`absent` and `to` are ids or names."""

    sign_off_id: str
    absent: str
    to: str
    role: str
    reason: str


async def reassign_sign_off(command: ReassignSignOff, uow: UnitOfWork) -> SignOffProgress:
    """Checks at append the streams of the three people and that of the absence: one who comes back at this moment is waited for."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now, owner = await around(uow, sign_off), await signer(uow)
    absent, person = await find_person(uow, command.absent), await find_person(uow, command.to)
    person.refuse_inactive()
    uow.about(sign_off.binding.model_id)
    at = await uow.now()
    absence = await uow.load(Absence, absent.person_id)
    stated_by = absence.stated_by if absence and absence.in_force(at) and absent.active else None
    given = Reassignment(absent.person_id, person.person_id, command.role, owner.id, tuple(sorted(owner.token_issuers)))
    reason = uow.text(command.reason, kind="rationale", subject=sign_off.binding.model_id)
    sign_off.reassign(owner, given, Absentee(frozenset(absent.roles), stated_by), now, reason, at)
    return save_sign_off(sign_off, uow, now.in_office)
