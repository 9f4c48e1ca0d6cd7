"""Endpoints of plans."""

from functools import wraps
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from placet_shared.access import allowed, demand_part
from placet_shared.contracts.plan_document import PlanDocument
from placet_shared.errors import NotFound
from placet_shared.event_store import Answer, UnitOfWork
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answer, answering
from placet_shared.strict_yaml import SIZE_LIMIT, read_aside
from placet_shared.web.conditional import conditional_response
from placet_shared.web.json_responses import json_response
from placet_shared.web.openapi import document_schema
from placet_shared.web.pages import Page, PageQuery, cut
from placet_verification.api.bodies import WithdrawalBody
from placet_verification.api.parts import verification_of
from placet_verification.api.plan_documents import EXAMPLE, read_plan
from placet_verification.api.response_models import (
    PlanAnswer,
    PlanPreviewAnswer,
    PlanPublishedAnswer,
    PlansInForce,
    PlanWithdrawnAnswer,
)
from placet_verification.commands.plans_in_force import models_of, plans_in_force
from placet_verification.commands.publish_plan import PLANNERS, PublishedPlan, PublishPlan, publish_plan, settle_document
from placet_verification.commands.withdraw_plan import withdraw_plan
from placet_verification.ports import Registry
from placet_verification.queries.plan_preview import preview_plan
from placet_verification.queries.plans import current_plans, plan_version, plan_versions

__all__ = ["plans"]

plans = APIRouter(prefix="/v1", tags=["plans"])

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/yaml": {"schema": {"type": "string", "maxLength": SIZE_LIMIT}, "example": EXAMPLE},
            "application/json": {"schema": document_schema(PlanDocument)},
        },
    }
}
PUBLISHED: dict[int | str, dict[str, Any]] = {
    200: {
        "model": PlanPublishedAnswer | PlanPreviewAnswer,
        "description": "The version in force says the same; for a dry run, the preview",
    }
}
Environment = Annotated[str, Query(max_length=63, description="The environment that the version is to go to.", examples=["prod"])]
Name = Annotated[str, Path(max_length=63, description="Name of a plan.", examples=["credit-default"])]


@plans.post(
    "/plans",
    status_code=201,
    response_model=PlanPublishedAnswer,
    responses=PUBLISHED,
    openapi_extra=BODY,
    summary="Publish a plan",
)
async def publish_a_plan(
    request: Request,
    actor: CurrentActor,
    dry_run: Annotated[bool, Query(description="Publish nothing: show the full form, the version in force, the models concerned.")] = False,
) -> Response:
    """For admins; the dry run for all who have a role. The body is the plan's YAML; a plan of the same name gets its next version, and no
    other plan changes. Runs that were requested before keep the version they began with.

    409 `plan_name_taken`: the name belongs to another team. 422 `document_invalid` names every line that is wrong, `dataset_unknown`
    a data set that the registry does not have, `dataset_format_not_supported` one that plans can't read.
    """
    body = await request.body()
    service = verification_of(request)
    if dry_run:
        demand_part(actor)
        document = await settle_document(await read_aside(read_plan, body), service.registry)
        return json_response(await preview_plan(service.pool, service.registry, document))
    return await run_command(request, publish_written_plan, body, service.registry, present=_published)


@plans.get("/plans", response_model=Page[PlanAnswer], summary="The plans in force")
async def list_plans(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    environment: Annotated[str | None, Query(max_length=63, description="Only those of this environment.")] = None,
) -> Response:
    """By name. Which of them concern a version says `GET /v1/versions/{version_id}/plans`."""
    after = page.after("plans", str, str)
    last = (after[0], after[1]) if after else None
    rows = await current_plans(verification_of(request).pool, environment, last, page.limit + 1)
    return json_response(cut(rows, page, "plans", key=lambda plan: (plan.name, plan.id)))


@plans.get("/plans/{name}", response_model=Page[PlanAnswer], summary="Every version of a plan")
async def list_versions_of_plan(request: Request, actor: CurrentActor, page: PageQuery, name: Name) -> Response:
    """The newest first."""
    before = page.after("plan", int)
    found = await plan_versions(verification_of(request).pool, name, before[0] if before else None, page.limit + 1)
    if not found and before is None:
        raise _no_plan(name)
    return json_response(cut(found, page, "plan", key=lambda plan: (plan.version,)))


@plans.get("/plans/{name}/current", response_model=PlanAnswer, summary="The newest version of a plan")
async def read_current_plan(request: Request, actor: CurrentActor, name: Name) -> Response:
    """In its full form, and as it was written."""
    found = await plan_version(verification_of(request).pool, name, None)
    if found is None:
        raise _no_plan(name)
    return conditional_response(request, found, f"{found.version}-{found.in_force}")


@plans.get("/plans/{name}/{version}", response_model=PlanAnswer, summary="One version of a plan")
async def read_plan_version(
    request: Request, actor: CurrentActor, name: Name, version: Annotated[int, Path(ge=1, lt=2**31, description="Of the plan, from 1.")]
) -> Response:
    """Its document never changes."""
    found = await plan_version(verification_of(request).pool, name, version)
    if found is None:
        raise _no_plan(f"{name} with version {version}")
    return json_response(found)


@plans.post("/plans/{name}/withdrawal", status_code=201, response_model=PlanWithdrawnAnswer, summary="Withdraw a plan")
async def withdraw_a_plan(request: Request, actor: CurrentActor, name: Name, body: WithdrawalBody) -> Response:
    """For admins. From the next request on no evidence by it is needed; sign-offs that are bound to it stay. 409 `plan_withdrawn`."""
    return await run_command(request, withdraw_plan, body.command(name), present=answering(201, "/v1/plans/{name}"))


@plans.get("/versions/{version_id}/plans", response_model=PlansInForce, summary="The plans in force for a version")
async def list_plans_for_version(
    request: Request,
    actor: CurrentActor,
    version_id: Annotated[str, Path(max_length=63, description="Id of a version.")],
    environment: Environment,
) -> Response:
    """A version needs its own passed run by each of them; `because` is the entry of the plan's `for` that fits its model, or another model
    with a version of the same bytes."""
    service = verification_of(request)
    version = await service.registry.version(version_id)
    models = await models_of(version, service.registry) if version else []
    if not models:
        raise NotFound(f"The registry knows no version {version_id}.", code="version_not_found")
    return json_response({"items": await plans_in_force(service.pool, environment, models)})


@allowed(*PLANNERS)
@wraps(publish_plan)
async def publish_written_plan(body: bytes, uow: UnitOfWork, registry: Registry) -> PublishedPlan:
    """The use case, for a text that is read when the role is clear."""
    return await publish_plan(PublishPlan(new_id(), await read_aside(read_plan, body), body.decode()), uow, registry)


def _published(plan: PublishedPlan) -> Answer:
    return answer(201 if plan.changed else 200, plan, "/v1/plans/{name}/{version}")


def _no_plan(what: str) -> NotFound:
    return NotFound(f"There is no plan {what}.", code="plan_not_found", resolve="See GET /v1/plans for those there are.")
