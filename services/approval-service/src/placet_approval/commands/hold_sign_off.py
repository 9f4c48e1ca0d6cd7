"""Hold a sign-off: ask for changes while it is pending; suspend it and let it go on once it is approved."""

from dataclasses import dataclass

from placet_approval.commands.circumstances import around, signer
from placet_approval.commands.hold_bytes import hold_bytes, release_bytes
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off, signers_in_office
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
    """A signer, a person who may sign, or an admin. Facts that are not known here do not keep one from it."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id)
    sign_off.suspend(await signer(uow), rationale, await uow.now())
    await hold_bytes(sign_off, uow)
    return save_sign_off(sign_off, uow, await signers_in_office(uow, sign_off))


async def resume_sign_off(command: ResumeSignOff, uow: UnitOfWork) -> SignOffProgress:
    """A person who may sign, with no part in the version; also when it has ended meanwhile, and its bytes are held still."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = await around(uow, sign_off)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id)
    resuming = await signer(uow)
    if sign_off.state == "suspended":
        sign_off.resume(resuming, now, rationale, await uow.now())
        await release_bytes(sign_off, resuming, None, uow)
    else:
        sign_off.release(resuming, now)
        await release_bytes(sign_off, resuming, rationale, uow)
    return save_sign_off(sign_off, uow, now.in_office)
