"""`/v1/rollback-candidates`: to which version may a model be rolled back?"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from placet_approval.api.parts import approval_of
from placet_approval.api.rendering import rendered
from placet_approval.queries.rollback import find_rollback_candidates
from placet_shared.errors import NotFound
from placet_shared.service.identity import CurrentActor
from placet_shared.web.json_responses import json_response

__all__ = ["router"]

router = APIRouter(prefix="/v1/rollback-candidates", tags=["gate"])

MOST = 10
ENVIRONMENT = "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"


class RollbackCandidate(BaseModel):
    """A version that was deployed before, and what the gate says of it now."""

    version_id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c13"])
    number: int = Field(examples=[6])
    sha256: str = Field(description="The bytes to deploy.")
    reported_at: datetime = Field(description="When its last deployment there was reported.")
    ended_at: datetime = Field(description="When that deployment was replaced or ended.")
    allowed: bool = Field(description="Whether the gate says yes at this moment.")
    decided: bool = Field(description="False when too little is known: ask again.")
    reasons: list[str] = Field(description="Codes of the gate's reasons against it.", examples=[["expired"]])


class RollbackCandidates(BaseModel):
    """The last one that ran first; versions with the bytes that run now are not among them."""

    items: list[RollbackCandidate]


@router.get("", summary="To what can a model be rolled back?", response_model=RollbackCandidates)
async def get_rollback_candidates(
    request: Request,
    actor: CurrentActor,
    model: Annotated[str, Query(max_length=200, pattern=r"^[^\x00-\x1f]+$", description="Id or name.", examples=["fraud"])],
    environment: Annotated[str, Query(max_length=63, pattern=ENVIRONMENT, description="Where it runs.", examples=["prod"])],
    limit: Annotated[int, Query(ge=1, le=MOST, description="At most so many.")] = 5,
) -> Response:
    """The versions that were deployed there before, and whether each may be deployed there again now. Nothing is recorded: before a
    deployment, ask the gate by `POST`, with the version's id and digest."""
    service = approval_of(request)
    found = await find_rollback_candidates(service.pool, service.gate, model, environment, limit)
    if found is None:
        raise NotFound(f"There is no model {model}.", code="model_not_found", resolve="Check its name: `placet models list`.")
    return json_response(rendered({"items": found}))
