"""Define whether a second admin confirms what gives access; that one is enough again is itself confirmed by a second one."""

from dataclasses import dataclass, field

from placet_approval.commands.governed_access import propose
from placet_approval.domain.access_policy import AccessPolicy
from placet_shared.access import Roles, allowed
from placet_shared.errors import Conflict
from placet_shared.event_store import UnitOfWork
from placet_shared.identifiers import new_id

__all__ = ["DefineAccessPolicy", "DefinedAccessPolicy", "define_access_policy"]

ACCESS = "access-policy"
ADMINS = "select count(*) as admins from people where active and 'admin' = any (roles)"


@dataclass(frozen=True, slots=True)
class DefineAccessPolicy:
    """`change_id` is used when it must be confirmed."""

    two_admins: bool
    change_id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class DefinedAccessPolicy:
    """What is in force; `proposed_change` waits for a second admin."""

    two_admins: bool
    version: int
    changed: bool
    proposed_change: str | None
    revision: int


@allowed(Roles.ADMIN)
async def define_access_policy(command: DefineAccessPolicy, uow: UnitOfWork) -> DefinedAccessPolicy:
    """Raises `Conflict` when there is no second admin yet."""
    uow.about(ACCESS)
    known = await uow.load(AccessPolicy, AccessPolicy.KEY)
    now = known is not None and known.two_admins
    proposed: str | None = None
    if command.two_admins and not now:
        await _require_second_admin(uow)
        known = AccessPolicy.define(known, True, await uow.now())
        uow.save(known, subject=ACCESS)
    elif now and not command.two_admins:
        proposed = await propose(uow, command.change_id, "access_policy", ACCESS, two_admins=False)
    version = known.version if known else 0
    return DefinedAccessPolicy(known is not None and known.two_admins, version, command.two_admins and not now, proposed, version)


async def _require_second_admin(uow: UnitOfWork) -> None:
    [row] = await uow.fetch(ADMINS)
    if row["admins"] < 2:
        raise Conflict(
            "There is one admin only, so that no change could be confirmed.",
            code="second_admin_missing",
            resolve="Add an admin on the server, with a token that no person issued: `python -m placet_approval add-admin NAME`.",
        )
