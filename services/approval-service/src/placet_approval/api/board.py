"""`/v1/board`: how far every model has come, what it waits for, and since when."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from placet_approval.api.rendering import rendered
from placet_approval.api.step_views import CurrentStep
from placet_approval.domain.board import Step, Waits
from placet_approval.queries.board import BoardFilter, read_board
from placet_shared.service.identity import CurrentActor
from placet_shared.service.running import service_of
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, encode_cursor

__all__ = ["router"]

router = APIRouter(prefix="/v1/board", tags=["board"])

LISTING = "board"


class Place(BaseModel):
    """How far a version has come in an environment."""

    environment: str = Field(examples=["prod"])
    step: Step = Field(description="The furthest that holds now.")
    since: datetime = Field(description="Since when.")
    waits_for: Waits | None = Field(description="What comes next; null when it is deployed.")
    missing: list[str] = Field(
        description="What is waited for by name: plans, signatures by role, steps of people, the environment before."
    )
    have: int = Field(description="Signatures that count.")
    need: int = Field(description="Signatures that are needed.")
    sign_off_id: str | None
    ended: str | None = Field(description="How the last sign-off ended, when it did without a yes that holds.", examples=["rejected"])
    current_step: CurrentStep | None = Field(description="The policy's step whose turn it is; null when all are complete or it has none.")


class BoardRow(BaseModel):
    """A model by its newest version."""

    model_id: str
    model: str = Field(examples=["fraud"])
    qualification: dict[str, str] = Field(
        description="The model's tags under `governance/`, which only admins set.", examples=[{"risk": "high"}]
    )
    version_id: str | None
    number: int | None
    registered_at: datetime | None
    places: list[Place] = Field(description="In the order of the environments.")
    next: Place | None = Field(description="Where it has to go and what it waits for there; null when it is deployed in the last one.")
    live_number: int | None = Field(description="The version that was last deployed in `live_environment`.")
    live_environment: str | None = Field(
        description="Of the environments with a policy that prevents, the last one in which the model was ever deployed.", examples=["prod"]
    )
    lead_time_seconds: int | None = Field(description="From that one's registration to the first report of its bytes there.")


@router.get("", summary="Read the board", response_model=Page[BoardRow])
async def get_board(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    model: Annotated[
        str | None, Query(max_length=200, pattern=r"^[^\x00-\x1f]+$", description="A name, or its beginning and `*`.", examples=["fraud*"])
    ] = None,
    environment: Annotated[str | None, Query(max_length=63, description="Only this environment.", examples=["prod"])] = None,
    waits_for: Annotated[Waits | None, Query(description="Only models that wait for this next.", examples=["signatures"])] = None,
    step: Annotated[str | None, Query(max_length=63, description="Only where it is this step's turn.", examples=["data-review"])] = None,
    owner: Annotated[str | None, Query(max_length=41, description="Only steps of this owner.", examples=["data-office"])] = None,
    risk_tier: Annotated[str | None, Query(max_length=63, description="Only models of this risk tier.", examples=["high"])] = None,
) -> Response:
    """Models by name, each with its newest version's step in every environment. With a filter on more than names a page may have fewer
    items than `limit` although there is a next one: an answer looks at a bounded number of models.

    It shows what is known; whether a version may go somewhere is the gate's to say.
    """
    wanted = BoardFilter(model, environment, waits_for, step, owner, risk_tier)
    rows, following = await read_board(service_of(request).pool, wanted, page.after(LISTING, str, str), page.limit)
    return json_response(rendered({"items": rows, "next_cursor": encode_cursor(LISTING, following) if following else None}))
