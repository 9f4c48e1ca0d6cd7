"""Say what is checked for an environment; the same document again changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from placet_shared.event_store import Answer, UnitOfWork
from placet_verification.domain.plans import Plan

__all__ = ["PublishPlan", "publish_plan"]


@dataclass(frozen=True, slots=True)
class PublishPlan:
    """`plan_id` is used when the environment has no plan yet; `text` is the document as it was written."""

    plan_id: str
    document: Mapping[str, Any]
    text: str


async def publish_plan(command: PublishPlan, uow: UnitOfWork) -> Answer:
    """201 with the new version, or 200 with the one that says the same already."""
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
    body = {**plan.reference(), "environment": environment, "changed": changed}
    return Answer(201 if changed else 200, body, etag=plan.version, location=f"/v1/plans/{environment}/{plan.version}")
