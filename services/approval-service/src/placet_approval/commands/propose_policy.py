"""A policy that asks for less waits for a second admin, where two decide on access; confirmed, it is decided once more and made."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_approval.commands.governed_access import propose, two_admins
from placet_approval.domain.access_policy import refuse_ungoverned
from placet_approval.domain.policies_in_force import PoliciesInForce
from placet_approval.domain.policy import PolicySet
from placet_approval.domain.sign_off_event import Commitment
from placet_approval.domain.weakened_set import WITHDRAWN, stands_anew, weakened
from placet_approval.domain.weakening import STANDS_BETWEEN
from placet_approval.domain.written_policy import DefinedVersion, WrittenPolicy
from placet_shared.errors import Conflict
from placet_shared.event_store import UnitOfWork

__all__ = ["make_proposed_policy", "propose_weaker", "propose_withdrawal"]

# An environment that is not defined yet may be put anywhere in the order.
BETWEEN = """
    select not exists (select from known_environments where name = $1) or exists (
        select from known_environments here
        join known_environments before on before.place < here.place
        join known_environments behind on behind.place > here.place
        where here.name = $1) as between
"""


async def propose_weaker(
    uow: UnitOfWork, policies: PolicySet | None, policy_id: str, written: WrittenPolicy, change_id: str
) -> Mapping[str, Any] | None:
    """The proposal, which is saved, and what it weakens; None where it may be defined at once. Raises what `define_policy` does."""
    if not await two_admins(uow):
        return None
    _refuse_ungoverned(written)
    known = policies.named(written.name) if policies else None
    if policies:
        uow.about(known.versions[-1].policy_id if known else policy_id)
        uow.expect(policies)
        policies.refuse_other_kind(written)
    weaker = await _weakens(uow, policies, written)
    if not weaker:
        return None
    replaced = known.versions[-1] if known else None
    proposed = await _propose(uow, change_id, policies, replaced.policy_id if replaced else policy_id, written, replaced, weaker)
    return {"proposed_change": proposed, "weakens": weaker}


async def propose_withdrawal(uow: UnitOfWork, policies: PolicySet, last: DefinedVersion, reason: Commitment, change_id: str) -> str | None:
    """What it asked for is asked for no more, so that a second admin confirms it; None where one is enough."""
    if not await two_admins(uow):
        return None
    return await _propose(uow, change_id, policies, last.policy_id, last.written, last, [WITHDRAWN], reason)


async def make_proposed_policy(proposed: Mapping[str, Any], uow: UnitOfWork) -> None:
    """Raises `Conflict` when the environment's policies are not those that the proposal was held against: they may be stricter."""
    written = WrittenPolicy.from_content(proposed["content"], proposed["takes_effect"], floor=proposed["kind"] == "floor")
    _refuse_ungoverned(written)
    policies = await uow.load(PolicySet, PolicySet.key_of(written.environment))
    if (policies.version if policies else 0) != proposed["revision"]:
        raise Conflict(
            f"The policies for {written.environment} are not those any more with which this was compared.",
            code="policy_changed_meanwhile",
            resolve="Withdraw it, `placet access withdraw ID`; apply the document again, and see what it weakens now.",
        )
    at = await uow.now()
    if policies is None:
        policies = PolicySet.begin(proposed["policy_id"], written, at)
    elif proposed["withdrawal"] is not None:
        policies.withdraw(proposed["name"], proposed["withdrawal"], at)
    else:
        policies.define(proposed["policy_id"], written, at)
    uow.save(policies, subject=proposed["policy_id"])


async def _weakens(uow: UnitOfWork, policies: PolicySet | None, written: WrittenPolicy) -> list[str]:
    in_force = policies.in_force if policies else PoliciesInForce()
    weaker = weakened(in_force, written)
    if stands_anew(in_force, written) and (await uow.fetch(BETWEEN, written.environment))[0]["between"]:
        weaker.append(STANDS_BETWEEN)
    return weaker


async def _propose(
    uow: UnitOfWork,
    change_id: str,
    policies: PolicySet | None,
    policy_id: str,
    written: WrittenPolicy,
    replaced: DefinedVersion | None,
    weaker: Sequence[str],
    withdrawal: Commitment | None = None,
) -> str:
    what = {
        "policy_id": policy_id,
        "environment": written.environment,
        "name": written.name,
        "kind": "floor" if written.is_floor else "policy",
        "takes_effect": written.takes_effect,
        "replaces": replaced.version if replaced else 0,
        "revision": policies.version if policies else 0,
        "sha256": written.sha256(),
        "content": written.content(),
        "weakens": list(weaker),
        "withdrawal": withdrawal,
    }
    return await propose(uow, change_id, "policy", policy_id, policy=what)


def _refuse_ungoverned(written: WrittenPolicy) -> None:
    refuse_ungoverned(sorted(written.deciding_roles))
