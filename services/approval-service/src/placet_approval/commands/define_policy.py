"""Define what an environment asks for: an admin's act; the same document again changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from placet_approval.commands.propose_policy import propose_weaker
from placet_approval.domain.policy import PolicySet
from placet_approval.domain.written_policy import TakesEffect, WrittenPolicy
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork
from placet_shared.identifiers import new_id

__all__ = ["DefinePolicy", "DefinedPolicy", "define_policy"]


@dataclass(frozen=True, slots=True)
class DefinePolicy:
    """`policy_id` is used when the environment has no policy of this name yet, `change_id` when a second admin must confirm it."""

    policy_id: str
    written: WrittenPolicy
    change_id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class DefinedPolicy:
    """The version in force, 0 while there is none; not `changed` when it said the same already, or while `proposed_change` waits for a
    second admin, because it `weakens` what is asked for."""

    id: str
    version: int
    sha256: str
    environment: str
    name: str | None
    takes_effect: TakesEffect
    changed: bool
    revision: int
    proposed_change: str | None = None
    weakens: Sequence[str] = ()


@allowed(Roles.ADMIN)
async def define_policy(command: DefinePolicy, uow: UnitOfWork) -> DefinedPolicy:
    """Raises `PreconditionFailed`, and `Conflict` for a role that one admin could give where two are to.

    Where two are to, one that asks for less than what is in force only proposes that.
    """
    written = command.written
    policies = await uow.load(PolicySet, PolicySet.key_of(written.environment))
    if proposed := await propose_weaker(uow, policies, command.policy_id, written, command.change_id):
        return _waiting(command, policies, proposed)
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


def _waiting(command: DefinePolicy, policies: PolicySet | None, proposed: Mapping[str, Any]) -> DefinedPolicy:
    """What is in force while the proposal waits."""
    written = command.written
    known = policies.named(written.name) if policies else None
    last = known.versions[-1] if known else None
    return DefinedPolicy(
        **(last.reference if last else {"id": command.policy_id, "version": 0, "sha256": ""}),
        environment=written.environment,
        name=written.name,
        takes_effect=(last.written if last else written).takes_effect,
        changed=False,
        revision=policies.version if policies else 0,
        **proposed,
    )
