"""Define what an environment asks for: an admin's act; the same document again changes nothing."""

from dataclasses import dataclass

from placet_approval.domain.policy import Policy
from placet_approval.domain.policy_terms import PolicyTerms
from placet_shared.access import Roles, demand_role
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["DefinePolicy", "define_policy"]


@dataclass(frozen=True, slots=True)
class DefinePolicy:
    """`policy_id` is used when the environment has no policy yet."""

    policy_id: str
    terms: PolicyTerms


async def define_policy(command: DefinePolicy, uow: UnitOfWork) -> Answer:
    """201 with the new version, or 200 with the one that says the same already."""
    demand_role(uow.actor, {Roles.ADMIN})
    environment = command.terms.environment
    policy = await uow.load(Policy, Policy.key_of(environment))
    if policy is None:
        policy, changed = Policy.define(command.policy_id, command.terms, await uow.now()), True
    else:
        uow.about(policy.policy_id)
        uow.expect(policy)
        changed = policy.redefine(command.terms, await uow.now())
    uow.save(policy, subject=policy.policy_id)
    body = {**policy.current.reference(), "environment": environment, "changed": changed}
    return Answer(201 if changed else 200, body, etag=policy.version, location=f"/v1/policies/{environment}")
