"""`/v1/break-glass` and `/v1/debts`: letting a version in without a yes, and reviewing that afterwards."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from placet_approval.api.parts import approval_of
from placet_approval.api.rendering import rendered
from placet_approval.api.sign_off_bodies import MissingSignatures, Rationale, Role
from placet_approval.api.sign_off_views import Holder, SaidText
from placet_approval.commands.close_break_glass import CloseBreakGlass, close_break_glass
from placet_approval.commands.open_break_glass import OpenBreakGlass, open_break_glass
from placet_approval.commands.review_debt import ReviewDebt, review_debt
from placet_approval.queries.break_glass import list_break_glasses, list_debts, read_break_glass, read_debt
from placet_shared.errors import NotFound
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answering
from placet_shared.service.running import service_of
from placet_shared.web.conditional import conditional_response
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["break-glass"])

GLASS_ID = "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"
DEBT_ID = "0193a2f0-6f0e-7cc3-98c4-dc0c0c073990"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
GlassId = Annotated[str, Path(max_length=36, description="Id of a break-glass.", examples=[GLASS_ID])]
DebtId = Annotated[str, Path(max_length=36, description="Id of a debt.", examples=[DEBT_ID])]
Environment = Annotated[str | None, Query(max_length=63, description="Only for this environment.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Emergency(_Body):
    """The bytes, by digest or by model and number, where they are to go, and why that can't wait."""

    environment: str = Field(max_length=63, examples=["prod"])
    digest: str | None = Field(None, pattern="^[0-9a-f]{64}$", max_length=64, description="SHA-256 of the artifact.", examples=[DIGEST])
    model: str | None = Field(None, max_length=200, description="Id or name.", examples=["fraud"])
    number: int | None = Field(None, ge=1, le=2**31 - 1, examples=[7])
    incident: str = Field(
        pattern="^[A-Za-z0-9._:/-]{1,100}$", max_length=100, description="Id of the incident in your own system.", examples=["INC-2041"]
    )
    reason: Rationale = Field(examples=["Version 6 declines every card payment; 7 is tested and waits for one signature."])
    minutes: int | None = Field(None, ge=1, le=240, description="For how long; by default as long as the policy allows.", examples=[60])

    @model_validator(mode="after")
    def _names_bytes(self) -> Self:
        if (self.digest is None) == (self.model is None or self.number is None) or (self.digest and (self.model or self.number)):
            raise ValueError("name the version by `digest`, or by `model` and `number`")
        return self


class OpenedBreakGlass(BaseModel):
    """What is let in until when, and the debt that it leaves."""

    id: str = Field(examples=[GLASS_ID])
    debt_id: str = Field(examples=[DEBT_ID])
    model_id: str
    version_id: str
    artifact_sha256: str
    environment: str = Field(examples=["prod"])
    ends_at: datetime


class ClosedBreakGlass(BaseModel):
    """It lets nothing in any more; the debt is still to be reviewed."""

    id: str = Field(examples=[GLASS_ID])
    debt_id: str
    model_id: str
    environment: str = Field(examples=["prod"])


class AllowedDecision(BaseModel):
    """A yes of the gate that rests on the break-glass, with what the policy had against it."""

    decision_id: str
    decided_at: datetime
    decided_by: Holder
    reasons: list[str] = Field(examples=[["awaiting_signatures"]])
    valid_until: datetime | None


class BreakGlassView(BaseModel):
    """One break-glass."""

    id: str = Field(examples=[GLASS_ID])
    state: Literal["open", "over", "closed"]
    model_id: str
    model: str | None = Field(examples=["fraud"])
    version_id: str
    number: int | None = Field(examples=[7])
    artifact_sha256: str
    environment: str = Field(examples=["prod"])
    incident: str = Field(examples=["INC-2041"])
    opened_by: Holder
    reason: SaidText
    opened_at: datetime
    ends_at: datetime
    closed_by: Holder | None
    closed_at: datetime | None
    debt_id: str
    decisions: list[AllowedDecision] | None = Field(description="All that it let in; the newest thousand. Null in a list.")


class ReviewBody(_Body):
    """What the review found."""

    review: Rationale = Field(examples=["The rollback was right; the missing signature would have come an hour later."])
    role: Role | None = Field(None, description="Only needed when you have several of the roles that are still asked for.")


class ReviewedDebt(BaseModel):
    """The debt after the command."""

    id: str = Field(examples=[DEBT_ID])
    settled: bool
    model_id: str
    environment: str = Field(examples=["prod"])
    missing: list[MissingSignatures]


class DebtReview(BaseModel):
    """One person's signature under the review."""

    by: Holder
    role: str
    at: datetime
    said: SaidText


class DebtView(BaseModel):
    """One debt: who must review what, and who has."""

    id: str = Field(examples=[DEBT_ID])
    state: Literal["open", "settled"]
    glass_id: str
    model_id: str
    model: str | None = Field(examples=["fraud"])
    version_id: str
    number: int | None = Field(examples=[7])
    artifact_sha256: str
    environment: str = Field(examples=["prod"])
    incident: str = Field(examples=["INC-2041"])
    opened_by: Holder
    signatures: list[MissingSignatures] = Field(description="Whom the policy asked for when the break-glass was opened.")
    reviews: list[DebtReview]
    incurred_at: datetime
    settled_at: datetime | None
    stream_version: int


@router.post("/break-glass", status_code=201, summary="Break glass", response_model=OpenedBreakGlass)
async def post_break_glass(request: Request, actor: CurrentActor, body: Emergency) -> Response:
    """For hours the gate lets exactly these bytes of this model in, in spite of what the policy asks for; what is unknown stays a no.

    For a person whom the policy lets, with a token that was issued in the last 15 minutes. It leaves a debt: until people who had no
    part in it have signed a review, the gate denies the model's next promotion to the environment.
    """
    named = body.model_dump(exclude={"minutes"})
    length = timedelta(minutes=body.minutes) if body.minutes else None
    command = OpenBreakGlass(new_id(), new_id(), **named, length=length)
    return await run_command(request, open_break_glass, command, present=answering(201, "/v1/break-glass/{id}"))


@router.get("/break-glass", summary="List break-glasses", response_model=Page[BreakGlassView])
async def get_break_glasses(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    open: Annotated[bool, Query(description="Only those that let something in now.")] = False,
    environment: Environment = None,
) -> Response:
    """Newest first."""
    after = page.after("break-glass", str)
    rows = await list_break_glasses(service_of(request).pool, open, environment, after[0] if after else None, page.limit + 1)
    return json_response(cut(rows, page, "break-glass", key=lambda row: (row.id,), item=rendered))


@router.get("/break-glass/{glass_id}", summary="Read a break-glass", response_model=BreakGlassView)
async def get_break_glass(request: Request, actor: CurrentActor, glass_id: GlassId) -> Response:
    """With every recorded decision of the gate that it allowed."""
    found = await read_break_glass(service_of(request).pool, glass_id)
    if found is None:
        raise NotFound("There is no such break-glass.", code="break_glass_not_found", resolve="GET /v1/break-glass lists them.")
    return json_response(rendered(found))


@router.post("/break-glass/{glass_id}/close", summary="Close a break-glass", response_model=ClosedBreakGlass)
async def post_break_glass_end(request: Request, actor: CurrentActor, glass_id: GlassId) -> Response:
    """Before its time: for the person who opened it, an admin, and people who may open one or sign. The debt stays."""
    present = answering(200, "/v1/break-glass/{id}")
    response = await run_command(request, close_break_glass, CloseBreakGlass(glass_id), present=present)
    approval_of(request).directives.wake()
    return response


@router.get("/debts", summary="List debts", response_model=Page[DebtView])
async def get_debts(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    open: Annotated[bool, Query(description="Only those that are not settled.")] = False,
    environment: Environment = None,
    model: Annotated[str | None, Query(max_length=200, description="Id or name.")] = None,
) -> Response:
    """Newest first."""
    after = page.after("debts", str)
    rows = await list_debts(service_of(request).pool, open, environment, model, after[0] if after else None, page.limit + 1)
    return json_response(cut(rows, page, "debts", key=lambda row: (row.id,), item=rendered))


@router.get("/debts/{debt_id}", summary="Read a debt", response_model=DebtView)
async def get_debt(request: Request, actor: CurrentActor, debt_id: DebtId) -> Response:
    """Who must review what, and who has."""
    found = await read_debt(service_of(request).pool, debt_id)
    if found is None:
        raise NotFound("There is no such debt.", code="debt_not_found", resolve="GET /v1/debts lists them.")
    return conditional_response(request, rendered(found), found.stream_version)


@router.post("/debts/{debt_id}/review", summary="Sign a retrospective review", response_model=ReviewedDebt)
async def post_review(request: Request, actor: CurrentActor, debt_id: DebtId, body: ReviewBody) -> Response:
    """Sign the review, once the break-glass is over; the last signature that was asked for settles the debt.

    For people in the roles that the policy asked for, who had no part: not the opener, those who asked the gate, requesters, or people in
    the lineage of the bytes.
    """
    command = ReviewDebt(debt_id, body.role, body.review)
    return await run_command(request, review_debt, command, present=answering(200, "/v1/debts/{id}"))
