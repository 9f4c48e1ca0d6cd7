"""A policy that asks for less waits for a second admin, where two decide on access; confirmed, it is decided once more and defined."""

from collections.abc import Mapping
from typing import Any

from placet_approval.commands.governed_access import propose, two_admins
from placet_approval.domain.access_policy import refuse_ungoverned
from placet_approval.domain.policy import Policy
from placet_approval.domain.policy_terms import PolicyTerms
from placet_approval.domain.weakening import STANDS_BETWEEN, stands_for_those_before, weakens
from placet_shared.errors import Conflict
from placet_shared.event_store import UnitOfWork

__all__ = ["define_proposed_policy", "propose_weaker"]

# An environment that is not defined yet may be put anywhere in the order.
BETWEEN = """
    select not exists (select from known_environments where name = $1) or exists (
        select from known_environments here
        join known_environments before on before.place < here.place
        join known_environments behind on behind.place > here.place
        where here.name = $1) as between
"""


async def propose_weaker(
    uow: UnitOfWork, policy: Policy | None, policy_id: str, terms: PolicyTerms, change_id: str
) -> Mapping[str, Any] | None:
    """The proposal, which is saved, and what it weakens; None where the terms may be defined at once. Raises what `define_policy` does."""
    if not await two_admins(uow):
        return None
    _refuse_ungoverned(terms)
    if policy:
        uow.about(policy.policy_id)
        uow.expect(policy)
    weaker = await _weakens(uow, policy, terms)
    if not weaker:
        return None
    subject = policy.policy_id if policy else policy_id
    what = {
        "policy_id": subject,
        "environment": terms.environment,
        "replaces": policy.version if policy else 0,
        "sha256": terms.sha256(),
        "content": terms.content(),
        "weakens": weaker,
    }
    proposed = await propose(uow, change_id, "policy", subject, policy=what)
    return {"proposed_change": proposed, "weakens": weaker}


async def define_proposed_policy(proposed: Mapping[str, Any], uow: UnitOfWork) -> None:
    """Raises `Conflict` when another version is in force than the one that the proposal was held against: it may have become stricter."""
    terms = PolicyTerms.from_content(proposed["content"])
    _refuse_ungoverned(terms)
    policy = await uow.load(Policy, Policy.key_of(terms.environment))
    if (policy.version if policy else 0) != proposed["replaces"]:
        raise Conflict(
            f"The policy for {terms.environment} is not version {proposed['replaces']} any more, with which this was compared.",
            code="policy_changed_meanwhile",
            resolve="Withdraw it, `placet access withdraw ID`; apply the document again, and see what it weakens now.",
        )
    if policy is None:
        policy = Policy.define(proposed["policy_id"], terms, await uow.now())
    else:
        policy.redefine(terms, await uow.now())
    uow.save(policy, subject=policy.policy_id)


async def _weakens(uow: UnitOfWork, policy: Policy | None, terms: PolicyTerms) -> list[str]:
    before = policy.current.terms if policy else None
    weaker = weakens(before, terms) if before else []
    if stands_for_those_before(before, terms) and (await uow.fetch(BETWEEN, terms.environment))[0]["between"]:
        weaker.append(STANDS_BETWEEN)
    return weaker


def _refuse_ungoverned(terms: PolicyTerms) -> None:
    refuse_ungoverned([*terms.signing_roles, *([terms.owner] if terms.owner else [])])
