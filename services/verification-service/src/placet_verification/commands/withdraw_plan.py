"""Withdraw a plan: from the next request on no evidence by it is needed; what was bound to it stays as it is."""

from dataclasses import dataclass

from placet_shared.access import allowed
from placet_shared.errors import NotFound
from placet_shared.event_store import UnitOfWork
from placet_verification.commands.publish_plan import PLANNERS, load_plan

__all__ = ["WithdrawPlan", "WithdrawnPlan", "withdraw_plan"]


@dataclass(frozen=True, slots=True)
class WithdrawPlan:
    """`reason` is free text."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class WithdrawnPlan:
    """The last version that was in force."""

    id: str
    name: str
    version: int
    revision: int


@allowed(*PLANNERS)
async def withdraw_plan(command: WithdrawPlan, uow: UnitOfWork) -> WithdrawnPlan:
    """Raises `NotFound`, and `Conflict` when it is withdrawn already."""
    plan = await load_plan(uow, command.name)
    if plan is None:
        raise NotFound(f"There is no plan {command.name}.", code="plan_not_found", resolve="See GET /v1/plans for those there are.")
    uow.about(plan.plan_id)
    uow.expect(plan)
    plan.withdraw(uow.text(command.reason, kind="reason", subject=plan.plan_id), await uow.now())
    uow.save(plan, subject=plan.plan_id)
    return WithdrawnPlan(plan.plan_id, plan.name, plan.number, plan.version)
