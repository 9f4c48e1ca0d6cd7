"""Define what an environment asks for: an admin's act; the same document again changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from placet_approval.commands.propose_policy import propose_weaker
from placet_approval.domain.policy import Policy
from placet_approval.domain.policy_terms import PolicyTerms
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork
from placet_shared.identifiers import new_id

__all__ = ["DefinePolicy", "DefinedPolicy", "define_policy"]


@dataclass(frozen=True, slots=True)
class DefinePolicy:
    """`policy_id` is used when the environment has no policy yet, `change_id` when a second admin must confirm it."""

    policy_id: str
    terms: PolicyTerms
    change_id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class DefinedPolicy:
    """The version in force, 0 while there is none; not `changed` when it said the same already, or while `proposed_change` waits for a
    second admin, because it `weakens` what is asked for."""

    id: str
    version: int
    sha256: str
    environment: str
    changed: bool
    revision: int
    proposed_change: str | None = None
    weakens: Sequence[str] = ()


@allowed(Roles.ADMIN)
async def define_policy(command: DefinePolicy, uow: UnitOfWork) -> DefinedPolicy:
    """Raises `PreconditionFailed`, and `Conflict` for a role that one admin could give where two are to.

    Where two are to, one that asks for less than the policy in force only proposes that.
    """
    environment = command.terms.environment
    policy = await uow.load(Policy, Policy.key_of(environment))
    if proposed := await propose_weaker(uow, policy, command.policy_id, command.terms, command.change_id):
        now = (policy.policy_id, policy.version, policy.sha256) if policy else (command.policy_id, 0, "")
        return DefinedPolicy(*now, environment, False, revision=now[1], **proposed)
    if policy is None:
        policy, changed = Policy.define(command.policy_id, command.terms, await uow.now()), True
    else:
        uow.about(policy.policy_id)
        uow.expect(policy)
        changed = policy.redefine(command.terms, await uow.now())
    uow.save(policy, subject=policy.policy_id)
    return DefinedPolicy(**policy.current.reference(), environment=environment, changed=changed, revision=policy.version)
