"""Define what an environment asks for: an admin's act; the same document again changes nothing."""

from dataclasses import dataclass

from placet_approval.commands.governed_access import two_admins
from placet_approval.domain.access_policy import refuse_ungoverned
from placet_approval.domain.policy import PolicySet
from placet_approval.domain.written_policy import TakesEffect, WrittenPolicy
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["DefinePolicy", "DefinedPolicy", "define_policy"]


@dataclass(frozen=True, slots=True)
class DefinePolicy:
    """`policy_id` is used when the environment has no policy of this name yet."""

    policy_id: str
    written: WrittenPolicy


@dataclass(frozen=True, slots=True)
class DefinedPolicy:
    """The version in force; not `changed` when it said the same already."""

    id: str
    version: int
    sha256: str
    environment: str
    name: str | None
    takes_effect: TakesEffect
    changed: bool
    revision: int


@allowed(Roles.ADMIN)
async def define_policy(command: DefinePolicy, uow: UnitOfWork) -> DefinedPolicy:
    """Raises `PreconditionFailed`, and `Conflict` for a role that one admin could give where two are to."""
    written = command.written
    if await two_admins(uow):
        refuse_ungoverned(sorted(written.deciding_roles))
    policies = await uow.load(PolicySet, PolicySet.key_of(written.environment))
    if policies is None:
        policies, changed = PolicySet.begin(command.policy_id, written, await uow.now()), True
    else:
        known = policies.named(written.name)
        uow.about(known.versions[-1].policy_id if known else command.policy_id)
        uow.expect(policies)
        changed = policies.define(command.policy_id, written, await uow.now())
    defined = policies.newest(written.name)
    uow.save(policies, subject=defined.policy_id)
    return DefinedPolicy(
        **defined.reference,
        environment=written.environment,
        name=written.name,
        takes_effect=defined.written.takes_effect,
        changed=changed,
        revision=policies.version,
    )
