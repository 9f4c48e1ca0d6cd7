"""`/v1/whoami`: the holder of the token that was sent."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from placet_approval.api.rendering import rendered
from placet_approval.queries.whoami import read_identity
from placet_shared.service.identity import CurrentActor
from placet_shared.service.running import service_of
from placet_shared.web.json_responses import json_response

__all__ = ["router"]

router = APIRouter(prefix="/v1/whoami", tags=["people"])


class Identity(BaseModel):
    """The holder of the token that came with the request."""

    id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10"])
    kind: Literal["person", "service_account"]
    name: str | None = Field(examples=["carol"])
    display_name: str | None = Field(examples=["Carol Danvers"])
    roles: list[str] = Field(examples=[["risk-officer"]])
    token_id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c12"])
    expires_at: datetime | None = Field(description="When the token expires; null: it does not.")


@router.get("", summary="Who am I?", response_model=Identity)
async def get_whoami(request: Request, actor: CurrentActor) -> Response:
    """The holder of the token that came with the request."""
    return json_response(rendered(await read_identity(service_of(request).pool, actor)))
