"""Endpoints of deployments."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from placet_registry.api.bodies import DeploymentBody, DeploymentsBody, EndBody
from placet_registry.api.parameters import DeploymentId, DigestQuery, EnvironmentQuery, ModelIdQuery
from placet_registry.api.parts import found, registry_of
from placet_registry.api.response_models import DeploymentAnswer, DeploymentRegistered, DeploymentsRegistered, Identified
from placet_registry.commands.end_deployment import end_deployment
from placet_registry.commands.report_deployment import report_deployment
from placet_registry.commands.report_deployments import ReportedDeployments, report_deployments
from placet_registry.queries.deployments import DeploymentSearch, DeploymentState, deployment_by_id, search_deployments
from placet_shared.event_store import Answer
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answer, answering
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut

__all__ = ["deployments"]

deployments = APIRouter(prefix="/v1/deployments", tags=["deployments"])


@deployments.post("", status_code=201, response_model=DeploymentRegistered, summary="Report a deployment")
async def report_a_deployment(request: Request, actor: CurrentActor, body: DeploymentBody) -> Response:
    """For pipelines and admins, after they deployed. It replaces the model's current deployment in that environment.

    404 `environment_not_found`, `version_not_found`, `artifact_unknown`; 409 `artifact_ambiguous` lists the versions that have
    the artifact; 422 `artifact_mismatch` when the digest is not the version's.
    """
    return await run_command(request, report_deployment, body.command(new_id()), present=answering(201, "/v1/deployments/{id}"))


@deployments.post("/batch", status_code=201, response_model=DeploymentsRegistered, summary="Report what changed at once")
async def report_several(request: Request, actor: CurrentActor, body: DeploymentsBody) -> Response:
    """For pipelines and admins, after they deployed a release or took one out: all of it is recorded, or nothing.

    Refused as the single reports are; 422 `model_twice` for two versions of one model, `other_environment` for the end of a deployment
    that is elsewhere.
    """
    return await run_command(request, report_deployments, body.command(new_id), present=_all_of_it)


@deployments.get("", response_model=Page[DeploymentAnswer], summary="What is deployed where?")
async def list_deployments(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    environment: EnvironmentQuery = None,
    model_id: ModelIdQuery = None,
    sha256: DigestQuery = None,
    state: Annotated[DeploymentState, Query(description="`current` runs now; `all` is the history.")] = "current",
) -> Response:
    """The newest report first; of each model at most one is current in an environment."""
    before = page.after("deployments", int)
    search = DeploymentSearch(environment, model_id, sha256, state)
    rows = await search_deployments(registry_of(request).pool, search, before[0] if before else None, page.limit + 1)
    return json_response(cut(rows, page, "deployments", key=lambda row: (row[0],), item=lambda row: row[1]))


@deployments.get("/{deployment_id}", response_model=DeploymentAnswer, summary="A deployment")
async def read_deployment(request: Request, actor: CurrentActor, deployment_id: DeploymentId) -> Response:
    """Current or ended."""
    return json_response(found(await deployment_by_id(registry_of(request).pool, deployment_id), "deployment", deployment_id))


@deployments.post("/{deployment_id}/end", response_model=Identified, summary="Report that a deployment ended")
async def end_a_deployment(request: Request, actor: CurrentActor, deployment_id: DeploymentId, body: EndBody) -> Response:
    """For pipelines and admins. 409 `deployment_ended` the second time."""
    return await run_command(request, end_deployment, body.command(deployment_id))


def _all_of_it(reported: ReportedDeployments) -> Answer:
    begun = [answer(201, one).body for one in reported.begun]
    return Answer(201, {"environment": reported.environment, "begun": begun, "ended": [answer(200, one).body for one in reported.ended]})
