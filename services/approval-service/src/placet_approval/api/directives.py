"""`/v1/directives` and `/v1/unapproved`: what runs without a yes, and what is to be done about it."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from placet_approval.api.rendering import rendered
from placet_approval.api.sign_off_bodies import Rationale
from placet_approval.api.sign_off_views import Holder, SaidText
from placet_approval.commands.resolve_directive import ResolveDirective, resolve_directive
from placet_approval.domain.directive import Because, Reported, Resolution
from placet_approval.domain.emergency_terms import WhenAYesEnds
from placet_approval.domain.timestamps import rfc3339
from placet_approval.queries.directives import DirectiveState, list_directives, read_directive
from placet_approval.queries.unapproved import list_unapproved
from placet_shared.errors import NotFound
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answering
from placet_shared.service.running import service_of
from placet_shared.web.conditional import conditional_response
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["directives"])

DIRECTIVE_ID = "5c0f3d2e9b1a4c7d8e6f0a1b2c3d4e5f"
DirectiveId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", max_length=32, description="Id of a directive.", examples=[DIRECTIVE_ID])]
Environment = Annotated[str | None, Query(max_length=63, description="Only in this environment.")]
Model = Annotated[str | None, Query(max_length=200, description="Id or name.")]


class RollBackTarget(BaseModel):
    """The last other version of the model with a yes in force there."""

    version_id: str
    artifact_sha256: str
    sign_off_id: str


class DirectiveView(BaseModel):
    """What is to be done about which deployment, and what became of it."""

    id: str = Field(examples=[DIRECTIVE_ID])
    state: DirectiveState
    kind: WhenAYesEnds = Field(description="As the policy said: tell people, drain it, shadow it, or roll back.")
    because: Because = Field(
        description="How the yes ended. revoked, suspended: perhaps by a no to the same bytes in another sign-off; never: it was deployed"
        " without one; break_glass: one let it in and is over."
    )
    model_id: str
    model: str | None = Field(examples=["fraud"])
    version_id: str
    number: int | None = Field(examples=[7])
    environment: str = Field(examples=["prod"])
    deployment_id: str
    artifact_sha256: str
    sign_off_id: str | None = Field(description="The sign-off that ended.")
    roll_back_to: RollBackTarget | None = Field(description="For a roll_back, where another version has a yes.")
    issued_at: datetime
    how: Resolution | None = Field(description="How it was resolved; null while it is open.")
    known_by: Literal["report", "facts"] | None = Field(description="By a report, or by what registry and sign-offs say.")
    resolved_by: Holder | None
    resolved_at: datetime | None
    reason: SaidText | None
    stream_version: int


class ResolutionBody(BaseModel):
    """What became of the deployment."""

    model_config = ConfigDict(extra="forbid")

    how: Reported = Field(
        description="ended, replaced, shadowed: the directive was followed. accepted: it may run on, which a person who may sign says."
    )
    reason: Rationale | None = Field(None, description="Required to accept.")


class ResolvedDirective(BaseModel):
    """The directive after the command."""

    id: str = Field(examples=[DIRECTIVE_ID])
    how: Reported
    deployment_id: str
    environment: str = Field(examples=["prod"])
    model_id: str


class Unapproved(BaseModel):
    """A deployment without a yes, by facts alone: a report that it ended does not remove it."""

    deployment_id: str
    environment: str = Field(examples=["prod"])
    model_id: str
    model: str | None = Field(examples=["fraud"])
    version_id: str
    number: int | None = Field(examples=[7])
    sha256: str
    reported_at: datetime | None
    since: datetime | None = Field(description="Since when it runs without a yes.")
    because: Because = Field(description="As in a directive.")
    sign_off_id: str | None = Field(description="The sign-off that ended: the newest that was ever approved.")
    directive_id: str | None = Field(description="Null until one is issued, within seconds.")
    kind: WhenAYesEnds | None
    resolved: Resolution | None = Field(description="How its directive was resolved; null while that is open.")


@router.get("/directives", summary="List directives", response_model=Page[DirectiveView])
async def get_directives(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    state: Annotated[DirectiveState | None, Query(description="Only these.")] = None,
    environment: Environment = None,
    model: Model = None,
) -> Response:
    """Newest first. To be told of each, follow the feed: `DirectiveIssued` and `DirectiveResolved`."""
    after = page.after("directives", str, str)
    before = (datetime.fromisoformat(after[0]), after[1]) if after else None
    rows = await list_directives(service_of(request).pool, state, environment, model, before, page.limit + 1)
    return json_response(cut(rows, page, "directives", key=lambda row: (rfc3339(row.issued_at), row.id), item=rendered))


@router.get("/directives/{directive_id}", summary="Read a directive", response_model=DirectiveView)
async def get_directive(request: Request, actor: CurrentActor, directive_id: DirectiveId) -> Response:
    """One directive, open or resolved."""
    found = await read_directive(service_of(request).pool, directive_id)
    if found is None:
        raise NotFound("There is no such directive.", code="directive_not_found", resolve="GET /v1/directives lists them.")
    return conditional_response(request, rendered(found), found.stream_version)


@router.post("/directives/{directive_id}/resolve", summary="Report what became of it", response_model=ResolvedDirective)
async def post_resolution(request: Request, actor: CurrentActor, directive_id: DirectiveId, body: ResolutionBody) -> Response:
    """Close a directive: that it was followed, by a pipeline, developer or admin; that it is accepted, by a person who may sign.

    A report is a claim: as long as registry knows the deployment, `GET /v1/unapproved` lists it. What ended, was replaced or approved again
    closes its directive by itself.
    """
    command = ResolveDirective(directive_id, body.how, body.reason)
    return await run_command(request, resolve_directive, command, present=answering(200, "/v1/directives/{id}"))


@router.get("/unapproved", summary="What runs without a yes?", response_model=Page[Unapproved])
async def get_unapproved(
    request: Request, actor: CurrentActor, page: PageQuery, environment: Environment = None, model: Model = None
) -> Response:
    """Deployments without a yes in force, where the policy asks for signatures, as far as registry's events have arrived here."""
    after = page.after("unapproved", str)
    rows = await list_unapproved(service_of(request).pool, environment, model, after[0] if after else None, page.limit + 1)
    return json_response(cut(rows, page, "unapproved", key=lambda row: (row.deployment_id,), item=rendered))
