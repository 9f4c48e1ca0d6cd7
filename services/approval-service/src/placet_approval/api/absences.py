"""`/v1/absences`: from when until when people can't sign."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from placet_approval.api.rendering import rendered
from placet_approval.api.sign_off_views import Holder
from placet_approval.commands.state_absence import ClearAbsence, StateAbsence, clear_absence, state_absence
from placet_approval.queries.absences import list_absences
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answering
from placet_shared.service.running import service_of
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut
from placet_shared.web.timestamps import Timestamp

__all__ = ["router"]

router = APIRouter(prefix="/v1/absences", tags=["delegations"])

LISTING = "absences"
PLACE = "/v1/absences"


class NewAbsence(BaseModel):
    """Who is absent, from when until when."""

    model_config = ConfigDict(extra="forbid")

    person: str | None = Field(None, max_length=100, description="Id or name; by default yourself. Others: for admins.", examples=["carol"])
    starts_at: Timestamp | None = Field(None, description="Left out, or in the past: now.", examples=["2027-01-04T00:00:00Z"])
    ends_at: Timestamp | None = Field(None, description="Left out: until it is cleared.", examples=["2027-01-18T00:00:00Z"])


class ChangedAbsence(BaseModel):
    """The absence after the command."""

    person_id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10"])
    starts_at: datetime | None = Field(description="Null: the person is there.")
    ends_at: datetime | None


class AbsenceView(BaseModel):
    """A person who is absent, or will be."""

    person: Holder
    roles: list[str] = Field(examples=[["risk-officer"]])
    starts_at: datetime
    ends_at: datetime | None
    stated_by: Holder
    delegates: list[Holder] = Field(description="Who may sign in the person's place now, within a scope.")


@router.post("", summary="State an absence", response_model=ChangedAbsence)
async def post_absence(request: Request, actor: CurrentActor, body: NewAbsence) -> Response:
    """People state their own, an admin that of others. No right changes by it: it is shown where it is listed who may sign, and said where
    a quorum can't be reached before people are back."""
    return await run_command(request, state_absence, StateAbsence(**body.model_dump()), present=answering(200, PLACE))


@router.get("", summary="List absences", response_model=Page[AbsenceView])
async def get_absences(request: Request, actor: CurrentActor, page: PageQuery) -> Response:
    """People who are absent, or will be, in the order in which they were added."""
    (after,) = page.after(LISTING, str) or ("",)
    rows = await list_absences(service_of(request).pool, after, page.limit + 1)
    return json_response(cut(rows, page, LISTING, key=lambda row: (row.person.id,), item=rendered))


@router.post("/{person}/clear", summary="Clear an absence", response_model=ChangedAbsence)
async def post_absence_end(
    request: Request,
    actor: CurrentActor,
    person: Annotated[str, Path(max_length=100, description="Id or name of a person.", examples=["carol"])],
) -> Response:
    """The person is there again. People clear their own, an admin any."""
    return await run_command(request, clear_absence, ClearAbsence(person), present=answering(200, PLACE))
