"""Confirm a change of access as a second admin, which makes it; or withdraw it."""

from dataclasses import dataclass
from datetime import datetime

from placet_approval.commands.circumstances import signer
from placet_approval.commands.propose_policy import make_proposed_policy
from placet_approval.domain.access_change import AccessChange
from placet_approval.domain.access_policy import AccessPolicy
from placet_approval.domain.person import Person
from placet_approval.domain.timestamps import parse_rfc3339
from placet_approval.domain.token import Token
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["ClosedAccessChange", "ConfirmAccessChange", "WithdrawAccessChange", "confirm_access_change", "withdraw_access_change"]

ACCESS = "access-policy"


@dataclass(frozen=True, slots=True)
class ConfirmAccessChange:
    """The proposal."""

    change_id: str


@dataclass(frozen=True, slots=True)
class WithdrawAccessChange:
    """The proposal."""

    change_id: str


@dataclass(frozen=True, slots=True)
class ClosedAccessChange:
    """The proposal as the command leaves it, in ids."""

    id: str
    kind: str
    state: str
    person_id: str | None
    environment: str | None
    revision: int


@allowed(Roles.ADMIN)
async def confirm_access_change(command: ConfirmAccessChange, uow: UnitOfWork) -> ClosedAccessChange:
    """Checks at append the streams of the proposal, of both admins and of what is changed."""
    change = await uow.get(AccessChange, command.change_id, what="access_change")
    uow.about(change.subject)
    uow.expect(change)
    proposer = await uow.load(Person, change.proposed_by)
    at = await uow.now()
    change.confirm(await signer(uow), proposer is not None and proposer.active and Roles.ADMIN in proposer.roles, at)
    await _make(change, uow, at)
    uow.save(change, subject=change.subject)
    return _closed(change)


@allowed(Roles.ADMIN)
async def withdraw_access_change(command: WithdrawAccessChange, uow: UnitOfWork) -> ClosedAccessChange:
    """Any admin may: nothing is given by it."""
    change = await uow.get(AccessChange, command.change_id, what="access_change")
    uow.about(change.subject)
    uow.expect(change)
    change.withdraw(uow.actor.id, await uow.now())
    uow.save(change, subject=change.subject)
    return _closed(change)


async def _make(change: AccessChange, uow: UnitOfWork, at: datetime) -> None:
    if change.policy is not None:
        await make_proposed_policy(change.policy, uow)
        return
    if change.two_admins is not None:
        known = await uow.load(AccessPolicy, AccessPolicy.KEY)
        if known is None or known.two_admins != change.two_admins:
            uow.save(AccessPolicy.define(known, change.two_admins, at), subject=ACCESS)
        return
    person = await uow.get(Person, change.person_id or "", what="person")
    if change.token is None:
        person.change_roles([*person.roles, *change.roles], at)
        uow.save(person, subject=person.person_id)
        return
    person.refuse_inactive()
    expires_at = change.token["expires_at"]
    token = Token.issue(
        change.token["token_id"],
        holder_id=person.person_id,
        holder_kind="person",
        token_sha256=change.token["token_sha256"],
        expires_at=expires_at and parse_rfc3339(expires_at),
        issuers=[*change.token_issuers, change.proposed_by],
        at=at,
    )
    uow.save(token, subject=person.person_id)


def _closed(change: AccessChange) -> ClosedAccessChange:
    environment = change.policy["environment"] if change.policy else None
    return ClosedAccessChange(change.key, change.kind, change.state, change.person_id, environment, change.version)
