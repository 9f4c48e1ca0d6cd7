"""Define what an environment asks for: an admin's act; the same document again changes nothing."""

from dataclasses import dataclass

from placet_approval.commands.governed_access import two_admins
from placet_approval.domain.access_policy import refuse_ungoverned
from placet_approval.domain.policy import Policy
from placet_approval.domain.policy_terms import PolicyTerms
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["DefinePolicy", "DefinedPolicy", "define_policy"]


@dataclass(frozen=True, slots=True)
class DefinePolicy:
    """`policy_id` is used when the environment has no policy yet."""

    policy_id: str
    terms: PolicyTerms


@dataclass(frozen=True, slots=True)
class DefinedPolicy:
    """The version in force; not `changed` when it said the same already."""

    id: str
    version: int
    sha256: str
    environment: str
    changed: bool
    revision: int


@allowed(Roles.ADMIN)
async def define_policy(command: DefinePolicy, uow: UnitOfWork) -> DefinedPolicy:
    """Raises `PreconditionFailed`, and `Conflict` for a role that one admin could give where two are to."""
    environment = command.terms.environment
    if await two_admins(uow):
        refuse_ungoverned([*command.terms.signing_roles, *([command.terms.owner] if command.terms.owner else [])])
    policy = await uow.load(Policy, Policy.key_of(environment))
    if policy is None:
        policy, changed = Policy.define(command.policy_id, command.terms, await uow.now()), True
    else:
        uow.about(policy.policy_id)
        uow.expect(policy)
        changed = policy.redefine(command.terms, await uow.now())
    uow.save(policy, subject=policy.policy_id)
    return DefinedPolicy(**policy.current.reference(), environment=environment, changed=changed, revision=policy.version)
