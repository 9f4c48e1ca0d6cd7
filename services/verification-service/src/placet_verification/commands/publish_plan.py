"""Define the checks for an environment; the same document again changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork
from placet_verification.domain.plans import Plan

__all__ = ["PLANNERS", "PublishPlan", "PublishedPlan", "publish_plan"]

PLANNERS = (Roles.ADMIN,)


@dataclass(frozen=True, slots=True)
class PublishPlan:
    """`plan_id` is used when the environment has no plan yet; `text` is the document as it was written."""

    plan_id: str
    document: Mapping[str, Any]
    text: str


@dataclass(frozen=True, slots=True)
class PublishedPlan:
    """The version in force; `changed` says whether it is new."""

    id: str
    name: str
    version: int
    sha256: str
    environment: str
    changed: bool
    revision: int


@allowed(*PLANNERS)
async def publish_plan(command: PublishPlan, uow: UnitOfWork) -> PublishedPlan:
    """The new version, or the one that says the same already."""
    environment = command.document["environment"]
    uow.about(environment)
    plan = await uow.load(Plan, environment)
    if plan is not None:
        uow.expect(plan)
    changed = plan is None or not plan.says(command.document)
    if changed:
        text = uow.text(command.text, kind="plan", subject=environment)
        if plan is None:
            plan = Plan.publish(command.plan_id, command.document, text, await uow.now())
        else:
            plan.revise(command.document, text, await uow.now())
        uow.save(plan, subject=environment)
    assert plan is not None
    return PublishedPlan(**plan.reference(), environment=environment, changed=changed, revision=plan.version)
