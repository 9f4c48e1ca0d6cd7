"""Common steps of commands that give access: whether a second admin must confirm, and the proposal that waits for one."""

from collections.abc import Iterable, Sequence
from typing import Any

from placet_approval.commands.in_office import token_issuers
from placet_approval.domain.access_change import AccessChange, ChangeKind
from placet_approval.domain.access_policy import AccessPolicy, governed_roles
from placet_approval.domain.policy import PolicySet
from placet_shared.event_store import UnitOfWork

__all__ = ["needs_confirmation", "propose", "propose_roles", "two_admins"]

ENVIRONMENTS = "select distinct environment from policies order by environment"


async def two_admins(uow: UnitOfWork) -> bool:
    """Whether a second admin must confirm what the actor gives; its stream is checked at append. The service itself, which adds the first
    people, needs none."""
    if uow.actor.kind != "person":
        return False
    known = await uow.load(AccessPolicy, AccessPolicy.KEY)
    return known is not None and known.two_admins


async def needs_confirmation(uow: UnitOfWork, roles: Iterable[str]) -> list[str]:
    """Those of these roles that a second admin must confirm. Checks the policies in force at append: one may make a role sign meanwhile."""
    if not await two_admins(uow):
        return []
    environments = [row["environment"] for row in await uow.fetch(ENVIRONMENTS)]
    sets = await uow.load_many(PolicySet, [PolicySet.key_of(one) for one in environments]) if environments else []
    named = {role for policies in sets if policies for role in policies.deciding_roles}
    return governed_roles(roles, named)


async def propose(uow: UnitOfWork, change_id: str, kind: ChangeKind, subject: str, **what: Any) -> str:
    """Save the proposal; gives its id."""
    change = AccessChange.propose(change_id, kind, uow.actor.id, await token_issuers(uow), await uow.now(), **what)
    uow.save(change, subject=subject)
    return change_id


async def propose_roles(uow: UnitOfWork, change_id: str, person_id: str, roles: Sequence[str]) -> str | None:
    """That the person gets these roles besides; None, and nothing happens, without any."""
    return await propose(uow, change_id, "roles", person_id, person_id=person_id, roles=roles) if roles else None
