"""Withdraw a policy for some models, or a floor: from the next request on it counts no more; what is bound to it stays as it is."""

from dataclasses import dataclass, field

from placet_approval.commands.propose_policy import propose_withdrawal
from placet_approval.domain.policy import PolicySet
from placet_shared.access import Roles, allowed
from placet_shared.errors import NotFound
from placet_shared.event_store import UnitOfWork
from placet_shared.identifiers import new_id

__all__ = ["WithdrawPolicy", "WithdrawnPolicy", "withdraw_policy"]


@dataclass(frozen=True, slots=True)
class WithdrawPolicy:
    """`reason` is free text; `change_id` is used when a second admin must confirm it."""

    environment: str
    name: str
    reason: str
    change_id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class WithdrawnPolicy:
    """The last version that counted, or counts while `proposed_change` waits for a second admin."""

    id: str
    environment: str
    name: str
    version: int
    revision: int
    proposed_change: str | None = None


@allowed(Roles.ADMIN)
async def withdraw_policy(command: WithdrawPolicy, uow: UnitOfWork) -> WithdrawnPolicy:
    """Raises `NotFound`, and `Conflict` when it is withdrawn already. An environment's own policy has no name, and stays.

    Where two admins decide on access it is only proposed.
    """
    policies = await uow.load(PolicySet, PolicySet.key_of(command.environment))
    known = policies.named(command.name) if policies else None
    if policies is None or known is None:
        raise NotFound(
            f"There is no policy {command.name} for {command.environment}.",
            code="policy_not_found",
            resolve="`placet policies list` shows those there are.",
        )
    policy_id = known.versions[-1].policy_id
    uow.about(policy_id)
    uow.expect(policies)
    reason = uow.text(command.reason, kind="reason", subject=policy_id)
    if not known.withdrawn and (proposed := await propose_withdrawal(uow, policies, known.versions[-1], reason, command.change_id)):
        version = known.versions[-1].version
        return WithdrawnPolicy(policy_id, command.environment, command.name, version, policies.version, proposed)
    last = policies.withdraw(command.name, reason, await uow.now())
    uow.save(policies, subject=policy_id)
    return WithdrawnPolicy(policy_id, command.environment, command.name, last.version, policies.version)
