"""Endpoints of plans."""

from functools import wraps
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from placet_shared.access import allowed, demand_role
from placet_shared.contracts.plan_document import PlanDocument
from placet_shared.errors import NotFound
from placet_shared.event_store import Answer, UnitOfWork
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answer
from placet_shared.strict_yaml import SIZE_LIMIT, read_aside
from placet_shared.web.conditional import conditional_response
from placet_shared.web.json_responses import json_response
from placet_verification.api.parts import verification_of
from placet_verification.api.plan_documents import EXAMPLE, read_plan
from placet_verification.api.response_models import PlanAnswer, PlanPublishedAnswer, Plans
from placet_verification.commands.publish_plan import PLANNERS, PublishedPlan, PublishPlan, publish_plan
from placet_verification.domain.canonical import digest
from placet_verification.queries.plans import current_plans, plan_version, plan_versions

__all__ = ["plans"]

plans = APIRouter(prefix="/v1/plans", tags=["plans"])

# Where the parts of the document's schema lie inside the OpenAPI document.
PARTS = "#/paths/~1v1~1plans/post/requestBody/content/application~1json/schema/$defs/{model}"
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/yaml": {"schema": {"type": "string", "maxLength": SIZE_LIMIT}, "example": EXAMPLE},
            "application/json": {"schema": PlanDocument.model_json_schema(ref_template=PARTS)},
        },
    }
}
UNCHANGED: dict[int | str, dict[str, Any]] = {200: {"model": PlanPublishedAnswer, "description": "The current plan says the same"}}
Environment = Annotated[str, Path(max_length=63, examples=["prod"])]


@plans.post(
    "",
    status_code=201,
    response_model=PlanPublishedAnswer,
    responses=UNCHANGED,
    openapi_extra=BODY,
    summary="Say what is checked for an environment",
)
async def publish_a_plan(
    request: Request,
    actor: CurrentActor,
    dry_run: Annotated[bool, Query(description="Only check the document and show its full form; nothing is published.")] = False,
) -> Response:
    """For admins. The body is the plan's YAML. Runs that were requested before keep the plan they began with.

    422 `document_invalid` names every line that is wrong.
    """
    body = await request.body()
    if dry_run:
        demand_role(actor, PLANNERS)
        document = await read_aside(read_plan, body)
        return json_response({"environment": document["environment"], "sha256": digest(document), "document": document})
    return await run_command(request, publish_written_plan, body, present=_published)


@plans.get("", response_model=Plans, summary="The plans in force")
async def list_plans(request: Request, actor: CurrentActor) -> Response:
    """One for each environment that has any."""
    return json_response({"items": await current_plans(verification_of(request).pool)})


@plans.get("/{environment}", response_model=Plans, summary="Every version of an environment's plan")
async def list_versions_of_plan(request: Request, actor: CurrentActor, environment: Environment) -> Response:
    """The newest first."""
    found = await plan_versions(verification_of(request).pool, environment)
    if not found:
        raise _no_plan(environment)
    return json_response({"items": found})


@plans.get("/{environment}/current", response_model=PlanAnswer, summary="What is checked for an environment now")
async def read_current_plan(request: Request, actor: CurrentActor, environment: Environment) -> Response:
    """In its full form, and as it was written."""
    found = await plan_version(verification_of(request).pool, environment, None)
    if found is None:
        raise _no_plan(environment)
    return conditional_response(request, found, found.version)


@plans.get("/{environment}/{version}", response_model=PlanAnswer, summary="One version of a plan")
async def read_plan_version(
    request: Request, actor: CurrentActor, environment: Environment, version: Annotated[int, Path(ge=1, lt=2**31)]
) -> Response:
    """It never changes."""
    found = await plan_version(verification_of(request).pool, environment, version)
    if found is None:
        raise _no_plan(f"{environment} with version {version}")
    return json_response(found)


@allowed(*PLANNERS)
@wraps(publish_plan)
async def publish_written_plan(body: bytes, uow: UnitOfWork) -> PublishedPlan:
    """The use case, for a text that is read when the role is clear."""
    return await publish_plan(PublishPlan(new_id(), await read_aside(read_plan, body), body.decode()), uow)


def _published(plan: PublishedPlan) -> Answer:
    return answer(201 if plan.changed else 200, plan, "/v1/plans/{environment}/{version}")


def _no_plan(what: str) -> NotFound:
    return NotFound(f"There is no plan for {what}.", code="plan_not_found", resolve="See GET /v1/plans for those there are.")
