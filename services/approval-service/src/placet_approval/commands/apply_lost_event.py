"""Apply an event that was lost in a restore again: an admin's act, by a new event whose causation is the lost one.

Only events that revoked something or set a requirement are applied. A state that is right already stays as it is; the subject of the
lost event may be lost with it, and then there is nothing to revoke.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from placet_approval.commands.apply_lost_emergency import close_glass_again, incur_debt_again
from placet_approval.commands.circumstances import standing_noes
from placet_approval.commands.deactivate_person import DeactivatePerson, deactivate_person
from placet_approval.commands.deactivate_service_account import DeactivateServiceAccount, deactivate_service_account
from placet_approval.commands.define_access_policy import DefineAccessPolicy, define_access_policy
from placet_approval.commands.define_policy import DefinePolicy, define_policy
from placet_approval.commands.end_delegation import EndDelegation, end_delegation
from placet_approval.commands.erase_person import ErasePerson, erase_person
from placet_approval.commands.reject_bytes import reject_bytes
from placet_approval.commands.release_members import end_release_with
from placet_approval.commands.revoke_sign_off import RevokeSignOff, revoke_sign_off
from placet_approval.commands.revoke_token import RevokeToken, revoke_token
from placet_approval.domain.artifact_standing import ArtifactStanding
from placet_approval.domain.delegation import Delegation
from placet_approval.domain.person import Person
from placet_approval.domain.service_account import ServiceAccount
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.token import Token
from placet_approval.domain.written_policy import WrittenPolicy
from placet_shared.access import Roles, allowed
from placet_shared.errors import NotFound
from placet_shared.event_store import UnitOfWork
from placet_shared.event_store.erasing import EraseText, erase_text

__all__ = ["AppliedEvent", "ApplyLostEvent", "apply_lost_event"]

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ApplyLostEvent:
    """The event's type and fields; `reason` is kept as a text where the act asks for one."""

    type: str
    fields: Fields
    reason: str


@dataclass(frozen=True, slots=True)
class AppliedEvent:
    """`changed` is false when the state was right already."""

    applied: bool


@allowed(Roles.ADMIN)
async def apply_lost_event(command: ApplyLostEvent, uow: UnitOfWork) -> AppliedEvent:
    """Raises what the repeated use case raises."""
    return AppliedEvent(await ACTS[command.type](command, uow))


async def _revoke_sign_off(command: ApplyLostEvent, uow: UnitOfWork) -> bool:
    sign_off = await uow.load(SignOff, command.fields["sign_off_id"])
    if sign_off is None or sign_off.state not in ("approved", "pending"):
        return False
    if sign_off.state == "pending":  # its approval was lost too: it must not be granted again
        return await _reject(sign_off, command, uow, role=sign_off.terms[0].any_of[0] if sign_off.terms else "admin")
    await revoke_sign_off(RevokeSignOff(sign_off.key, command.reason), uow)
    return True


async def _reject_sign_off(command: ApplyLostEvent, uow: UnitOfWork) -> bool:
    sign_off = await uow.load(SignOff, command.fields["sign_off_id"])
    if sign_off is None or sign_off.state != "pending":
        return False
    return await _reject(sign_off, command, uow, role=command.fields["role"])


async def _reject(sign_off: SignOff, command: ApplyLostEvent, uow: UnitOfWork, role: str) -> bool:
    """In the name of the person who rejected; the event's actor is the admin who applies it."""
    scope = command.fields.get("scope", "bytes")  # of the first schema version, and of a revocation
    sign_off.trigger(
        SignOff.SignOffRejected,
        at=await uow.now(),
        sign_off_id=sign_off.key,
        model_id=sign_off.binding.model_id,
        version_id=sign_off.binding.version_id,
        environment=sign_off.binding.environment,
        person_id=command.fields["person_id"],
        role=role,
        scope=scope,
        on_behalf_of=command.fields.get("on_behalf_of"),
        delegation_id=command.fields.get("delegation_id"),
        rationale=uow.text(command.reason, kind="rationale", subject=sign_off.binding.model_id),
    )
    uow.save(sign_off, subject=sign_off.binding.model_id)
    if scope == "bytes":
        await reject_bytes(sign_off, "rejected", command.fields["person_id"], uow)
    await end_release_with(sign_off, uow)
    return True


async def _reject_artifact(command: ApplyLostEvent, uow: UnitOfWork) -> bool:
    """A no stands against the bytes even when the rejected sign-off itself is lost."""
    no = {name: command.fields[name] for name in ("sign_off_id", "kind", "model_id", "version_id", "person_id")}
    digest, environment = command.fields["artifact_sha256"], command.fields["environment"]
    standing, noes = await standing_noes(uow, digest, environment)
    if any(known.sign_off_id == no["sign_off_id"] and not known.holds for known in noes):
        return False
    rejected = ArtifactStanding.reject(standing, digest, environment, await uow.now(), **no)
    uow.save(rejected, subject=no["model_id"])
    return True


async def _hold_artifact(command: ApplyLostEvent, uow: UnitOfWork) -> bool:
    """The bytes are held again, whatever state their sign-off came back in. Of one that is lost itself no person could let them go on."""
    if await uow.load(SignOff, command.fields["sign_off_id"]) is None:
        return False
    held = {name: command.fields[name] for name in ("sign_off_id", "model_id", "version_id", "person_id")}
    digest, environment = command.fields["artifact_sha256"], command.fields["environment"]
    standing, noes = await standing_noes(uow, digest, environment)
    if any(known.sign_off_id == held["sign_off_id"] for known in noes):
        return False
    uow.save(ArtifactStanding.hold(standing, digest, environment, await uow.now(), **held), subject=held["model_id"])
    return True


async def _revoke_token(command: ApplyLostEvent, uow: UnitOfWork) -> bool:
    token = await uow.load(Token, command.fields["token_id"])
    if token is None or token.revoked:
        return False
    await revoke_token(RevokeToken(token.token_id, command.reason), uow)
    return True


async def _deactivate_person(command: ApplyLostEvent, uow: UnitOfWork) -> bool:
    person = await uow.load(Person, command.fields["person_id"])
    if person is None or not person.active:
        return False
    await deactivate_person(DeactivatePerson(person.person_id), uow)
    return True


async def _end_delegation(command: ApplyLostEvent, uow: UnitOfWork) -> bool:
    delegation = await uow.load(Delegation, command.fields["delegation_id"])
    if delegation is None or delegation.ended:
        return False
    await end_delegation(EndDelegation(delegation.delegation_id, command.reason), uow)
    return True


async def _erase_person(command: ApplyLostEvent, uow: UnitOfWork) -> bool:
    """Names that came back with the copy are removed again."""
    if await uow.load(Person, command.fields["person_id"]) is None:
        return False
    await erase_person(ErasePerson(command.fields["person_id"]), uow)
    return True


async def _erase_text(command: ApplyLostEvent, uow: UnitOfWork) -> bool:
    """A text that came back with the copy is removed again; one that was lost too is gone."""
    try:
        await erase_text(EraseText(command.fields["text_id"]), uow)
    except NotFound:
        return False
    return True


async def _deactivate_account(command: ApplyLostEvent, uow: UnitOfWork) -> bool:
    account = await uow.load(ServiceAccount, command.fields["account_id"])
    if account is None or not account.active:
        return False
    await deactivate_service_account(DeactivateServiceAccount(account.account_id), uow)
    return True


async def _define_policy(command: ApplyLostEvent, uow: UnitOfWork) -> bool:
    takes_effect, floor = command.fields.get("takes_effect", "immediately"), command.type == "FloorDefined"
    written = WrittenPolicy.from_content(command.fields["content"], takes_effect, floor=floor)
    return (await define_policy(DefinePolicy(command.fields["policy_id"], written), uow)).changed


async def _define_access_policy(command: ApplyLostEvent, uow: UnitOfWork) -> bool:
    """Only the stricter one: that one admin is enough is confirmed anew."""
    if not command.fields["two_admins"]:
        return False
    return (await define_access_policy(DefineAccessPolicy(True), uow)).changed


ACTS: Mapping[str, Callable[[ApplyLostEvent, UnitOfWork], Awaitable[bool]]] = {
    "SignOffRevoked": _revoke_sign_off,
    "SignOffRejected": _reject_sign_off,
    "ArtifactRejected": _reject_artifact,
    "ArtifactHeld": _hold_artifact,
    "TokenRevoked": _revoke_token,
    "PersonDeactivated": _deactivate_person,
    "PersonErased": _erase_person,
    "DelegationEnded": _end_delegation,
    "TextErased": _erase_text,
    "ServiceAccountDeactivated": _deactivate_account,
    "PolicyDefined": _define_policy,
    "FloorDefined": _define_policy,
    "AccessPolicyDefined": _define_access_policy,
    "DebtIncurred": lambda command, uow: incur_debt_again(command.fields, uow),
    "BreakGlassClosed": lambda command, uow: close_glass_again(command.fields, uow),
}
