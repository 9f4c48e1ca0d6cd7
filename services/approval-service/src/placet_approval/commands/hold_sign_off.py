"""Hold a sign-off: ask for changes while it is pending; suspend it and let it go on once it is approved."""

from dataclasses import dataclass

from placet_approval.commands.circumstances import around, signer
from placet_approval.commands.hold_bytes import hold_bytes, lift_hold
from placet_approval.commands.naming_members import named_member
from placet_approval.commands.release_members import other_members
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off, signers_in_office
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_event import Commitment
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.event_store import UnitOfWork

__all__ = ["RequestChanges", "ResumeSignOff", "SuspendSignOff", "request_changes", "resume_sign_off", "suspend_sign_off"]


@dataclass(frozen=True, slots=True)
class RequestChanges:
    """What is to be changed before the sign-off goes on."""

    sign_off_id: str
    rationale: str


@dataclass(frozen=True, slots=True)
class SuspendSignOff:
    """Why the approval is held."""

    sign_off_id: str
    rationale: str


@dataclass(frozen=True, slots=True)
class ResumeSignOff:
    """Why it goes on."""

    sign_off_id: str
    rationale: str


async def request_changes(command: RequestChanges, uow: UnitOfWork) -> SignOffProgress:
    """A person who may sign or give feedback, with no part in the version."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = await around(uow, sign_off)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id)
    sign_off.request_changes(await signer(uow), now, rationale, await uow.now())
    return save_sign_off(sign_off, uow, now.in_office)


async def suspend_sign_off(command: SuspendSignOff, uow: UnitOfWork) -> SignOffProgress:
    """A signer, a person who may sign, or an admin. Facts that are not known here do not keep one from it. As part of a release all of
    it is suspended."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id)
    sign_off.suspend(await signer(uow), rationale, await uow.now())
    await hold_bytes(sign_off, uow)
    for other in await other_members(uow, sign_off):
        said = uow.text(command.rationale, kind="rationale", subject=other.binding.model_id)
        other.suspend_with(uow.actor.id, said, await uow.now())
        uow.save(other, subject=other.binding.model_id)
    return save_sign_off(sign_off, uow, await signers_in_office(uow, sign_off))


async def resume_sign_off(command: ResumeSignOff, uow: UnitOfWork) -> SignOffProgress:
    """A person who may sign, with no part in the version; also when it has ended meanwhile, and its bytes are held still. As part of a
    release: with no part in any of it, all of which goes on."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = await around(uow, sign_off)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id)
    resuming = await signer(uow)
    if sign_off.state != "suspended":
        sign_off.lift_hold(resuming, now)
        await lift_hold(sign_off, resuming, rationale, uow)
        return save_sign_off(sign_off, uow, now.in_office)
    await _go_on(sign_off, now, resuming, rationale, uow)
    for other in [one for one in await other_members(uow, sign_off) if one.state == "suspended"]:
        said = uow.text(command.rationale, kind="rationale", subject=other.binding.model_id)
        with named_member(f"The sign-off {other.key}"):
            await _go_on(other, await around(uow, other), resuming, said, uow)
        uow.save(other, subject=other.binding.model_id)
    return save_sign_off(sign_off, uow, now.in_office)


async def _go_on(sign_off: SignOff, now: Circumstances, resuming: Signer, rationale: Commitment, uow: UnitOfWork) -> None:
    sign_off.resume(resuming, now, rationale, await uow.now())
    if sign_off.holds_bytes(now):
        await lift_hold(sign_off, resuming, None, uow)
