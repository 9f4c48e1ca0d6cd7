"""`/v1/deployment-approvals`: whether what runs is approved."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from placet_approval.api.rendering import rendered
from placet_approval.queries.deployment_approvals import Approved, deployment_approvals
from placet_shared.service.identity import CurrentActor
from placet_shared.service.running import service_of
from placet_shared.web.json_responses import json_response

__all__ = ["router"]

router = APIRouter(prefix="/v1/deployment-approvals", tags=["sign-offs"])

MOST = 100


class DeploymentApproval(BaseModel):
    """Whether a deployment is approved; `not required` where the policy asks for no signature."""

    deployment_id: str = Field(description="As registry-service has it.", examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10"])
    environment: str = Field(description="The environment's name.", examples=["prod"])
    model_id: str = Field(description="The model's id.")
    version_id: str = Field(description="The version's id.")
    sha256: str = Field(description="SHA-256 of the bytes that run.")
    reported_at: datetime = Field(description="When registry-service recorded it.")
    when_reported: Approved = Field(description="Whether a sign-off of this version was in force when its deployment was reported.")
    now: Approved = Field(description="Whether one is in force as of this answer.")


class DeploymentApprovals(BaseModel):
    """Those of the deployments that are current."""

    items: list[DeploymentApproval] = Field(description="Those that are current and known here.")


@router.get("", summary="Is what runs approved?", response_model=DeploymentApprovals)
async def get_deployment_approvals(
    request: Request,
    actor: CurrentActor,
    deployment_id: Annotated[
        list[Annotated[str, Field(max_length=64)]], Query(min_length=1, max_length=MOST, description="Ids of deployments; repeatable.")
    ],
) -> Response:
    """By deployment, when it was reported and now. A deployment that has ended, or that is not known here yet, is left out; the audit trail
    answers for any moment (`/v1/as-of` of audit-service)."""
    found = await deployment_approvals(service_of(request).pool, deployment_id)
    return json_response(rendered({"items": found}))
