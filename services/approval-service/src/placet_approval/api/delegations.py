"""`/v1/delegations`: a person lets another one sign in their place, for a time and within a scope."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from placet_approval.api.rendering import rendered
from placet_approval.api.sign_off_bodies import Role, Text
from placet_approval.api.sign_off_views import Holder
from placet_approval.commands.end_delegation import EndDelegation, end_delegation
from placet_approval.commands.grant_delegation import GrantDelegation, grant_delegation
from placet_approval.queries.delegations import list_delegations, read_delegation
from placet_shared.errors import NotFound
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answering
from placet_shared.service.running import service_of
from placet_shared.web.conditional import conditional_response
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut
from placet_shared.web.timestamps import Timestamp

__all__ = ["router"]

router = APIRouter(prefix="/v1/delegations", tags=["delegations"])

LISTING = "delegations"
PLACE = "/v1/delegations/{id}"
DelegationId = Annotated[str, Path(max_length=36, description="Id of a delegation.", examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])]
Environments = Annotated[list[Annotated[str, Field(max_length=63)]], Field(max_length=50, examples=[["prod"]])]
Models = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=100, examples=[["fraud-*"]])]


class NewDelegation(BaseModel):
    """Who signs in your place, for how long, in what."""

    model_config = ConfigDict(extra="forbid")

    delegate: str = Field(max_length=100, description="Id or name of the person who is to sign in your place.", examples=["dave"])
    roles: Annotated[list[Role], Field(min_length=1, max_length=50)] | None = Field(
        None, description="Roles that you hold; left out: all of them.", examples=[["risk-officer"]]
    )
    environments: Environments = Field([], description="Only for these; empty: for every environment.")
    models: Models = Field([], description="Only for these, by id, name, or a name with * for any characters; empty: for every model.")
    starts_at: Timestamp | None = Field(None, description="Left out, or in the past: now.", examples=["2027-01-04T00:00:00Z"])
    ends_at: Timestamp = Field(description="At most 90 days after the start.", examples=["2027-01-18T00:00:00Z"])
    reason: Text = Field(description="Free text, kept beside the events.", examples=["On leave; Dave knows the fraud models."])


class EndedDelegation(BaseModel):
    """Why it is ended before its time."""

    model_config = ConfigDict(extra="forbid")

    reason: Text | None = Field(None, description="Free text, kept beside the events.", examples=["Back from leave."])


class ChangedDelegation(BaseModel):
    """The delegation after the command, in ids."""

    id: str = Field(examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])
    delegator_id: str
    delegate_id: str
    roles: list[str] = Field(examples=[["risk-officer"]])
    environments: list[str]
    models: list[str]
    starts_at: datetime
    ends_at: datetime
    ended: bool


class DelegationView(BaseModel):
    """One delegation; no environment and no model stand for all."""

    id: str = Field(examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])
    state: Literal["in_force", "coming", "over", "ended", "without_role"] = Field(
        description="over: its time has run out; ended: it was ended before; without_role: one of the two left, or a role is held no more."
    )
    delegator: Holder
    delegate: Holder
    roles: list[str] = Field(examples=[["risk-officer"]])
    environments: list[str] = Field(examples=[["prod"]])
    models: list[str] = Field(examples=[["fraud-*"]])
    starts_at: datetime
    ends_at: datetime
    reason: str | None = Field(description="Null after its erasure.")
    granted_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    version: int


@router.post("", status_code=201, summary="Delegate", response_model=ChangedDelegation)
async def post_delegation(request: Request, actor: CurrentActor, body: NewDelegation) -> Response:
    """Let another person sign in your place, in roles of your own. For people.

    What is delegated to you can't be passed on. You and all to whom you delegate count once in a quorum, and your part in a version keeps
    them from signing in your place, as their own part does.
    """
    return await run_command(request, grant_delegation, GrantDelegation(new_id(), **body.model_dump()), present=answering(201, PLACE))


@router.get("", summary="List delegations", response_model=Page[DelegationView])
async def get_delegations(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    person: Annotated[str | None, Query(max_length=100, description="Only from or to this person, by id or name.")] = None,
    standing: Annotated[bool, Query(description="Only those that are in force or will be.")] = False,
) -> Response:
    """The newest first."""
    before = page.after(LISTING, str)
    rows = await list_delegations(service_of(request).pool, person, standing, before[0] if before else None, page.limit + 1)
    return json_response(cut(rows, page, LISTING, key=lambda row: (row.id,), item=rendered))


@router.get("/{delegation_id}", summary="Read a delegation", response_model=DelegationView)
async def get_delegation(request: Request, actor: CurrentActor, delegation_id: DelegationId) -> Response:
    """One delegation, and whether it is in force."""
    found = await read_delegation(service_of(request).pool, delegation_id)
    if found is None:
        raise NotFound(
            f"There is no delegation {delegation_id}.", code="delegation_not_found", resolve="GET /v1/delegations lists those there are."
        )
    return conditional_response(request, rendered(found), found.version)


@router.post("/{delegation_id}/end", summary="End a delegation", response_model=ChangedDelegation)
async def post_delegation_end(request: Request, actor: CurrentActor, delegation_id: DelegationId, body: EndedDelegation) -> Response:
    """End it before its time: for the two people, and for admins. Signatures under it count no more while their sign-offs are open."""
    return await run_command(request, end_delegation, EndDelegation(delegation_id, body.reason), present=answering(200, PLACE))
