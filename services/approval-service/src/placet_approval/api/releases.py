"""`/v1/releases`: versions of several models that are signed off as one."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from placet_approval.api.parts import approval_of
from placet_approval.api.release_views import (
    NAME,
    ReleaseApprovalBody,
    ReleaseProgress,
    ReleaseRejectionBody,
    ReleaseRequest,
    ReleaseSummary,
    ReleaseView,
    RequestedRelease,
)
from placet_approval.api.rendering import rendered
from placet_approval.api.sign_off_bodies import WithdrawalBody
from placet_approval.commands.approve_release import ApproveRelease, approve_release
from placet_approval.commands.reject_release import RejectRelease, reject_release
from placet_approval.commands.request_release import RequestRelease, WantedMember, request_release
from placet_approval.commands.withdraw_release import WithdrawRelease, withdraw_release
from placet_approval.queries.everything_arrived import require_everything_arrived
from placet_approval.queries.releases import ReleaseFilter, list_releases, read_release
from placet_approval.queries.signer_groups import find_signers
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

router = APIRouter(prefix="/v1/releases", tags=["releases"])

LISTING = "releases"
PLACE = "/v1/releases/{id}"
PROGRESS = answering(200, PLACE)
ReleaseId = Annotated[str, Path(max_length=36, description="Id of a release.", examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])]


@router.post("", status_code=201, summary="Request a release", response_model=RequestedRelease)
async def post_release(request: Request, actor: CurrentActor, body: ReleaseRequest) -> Response:
    """Request the sign-offs of several versions, which people then sign as one. Needs the role `developer`.

    Each version has a sign-off of its own, under its own policy; what refuses one of them refuses all, and the problem names it as
    `member`. A version whose sign-off is open already can't be part of a release.
    """
    await require_everything_arrived(approval_of(request).barrier)
    members = [WantedMember(new_id(), **one.model_dump()) for one in body.versions]
    command = RequestRelease(new_id(), body.name, body.environment, members, body.rationale)
    return await run_command(request, request_release, command, find_signers, present=answering(201, PLACE))


@router.get("", summary="List releases", response_model=Page[ReleaseSummary])
async def get_releases(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    environment: Annotated[str | None, Query(max_length=63, description="Only for this environment.")] = None,
    name: Annotated[str | None, Query(max_length=63, pattern=NAME, description="Only those of this name.")] = None,
    open: Annotated[bool, Query(description="Only those that wait for people.")] = False,
) -> Response:
    """The newest first."""
    before = page.after(LISTING, str)
    wanted = ReleaseFilter(environment, name, open)
    rows = await list_releases(service_of(request).pool, wanted, before[0] if before else None, page.limit + 1)
    return json_response(cut(rows, page, LISTING, key=lambda row: (row.id,), item=rendered))


@router.get("/{release_id}", summary="Read a release", response_model=ReleaseView)
async def get_release(request: Request, actor: CurrentActor, release_id: ReleaseId) -> Response:
    """One release with the sign-offs of its versions; what people need to decide on one of them stands at the sign-off."""
    found = await read_release(service_of(request).pool, release_id)
    if found is None:
        raise NotFound(f"There is no release {release_id}.", code="release_not_found", resolve="GET /v1/releases lists them.")
    return conditional_response(request, rendered(found), found.version_of_stream)


@router.post("/{release_id}/approve", summary="Sign a release", response_model=ReleaseProgress)
async def approve_all(request: Request, actor: CurrentActor, release_id: ReleaseId, body: ReleaseApprovalBody) -> Response:
    """Sign every version that still lacks your signature, or none of them. People with a part in one of them can't sign the release.

    The last signature approves all of them, until the earliest of their ends.
    """
    return await run_command(request, approve_release, ApproveRelease(release_id, **body.model_dump()), present=PROGRESS)


@router.post("/{release_id}/reject", summary="Reject a release", response_model=ReleaseProgress)
async def reject_all(request: Request, actor: CurrentActor, release_id: ReleaseId, body: ReleaseRejectionBody) -> Response:
    """Say no to the release as it was requested; that ends it. For people who may decide on one of its versions.

    It says nothing about bytes: to reject those of one version, reject its sign-off, and the release ends with it.
    """
    return await run_command(request, reject_release, RejectRelease(release_id, **body.model_dump()), present=PROGRESS)


@router.post("/{release_id}/withdraw", summary="Withdraw a release", response_model=ReleaseProgress)
async def withdraw_all(request: Request, actor: CurrentActor, release_id: ReleaseId, body: WithdrawalBody) -> Response:
    """End one that is open, with all its sign-offs. For its requester or an admin."""
    return await run_command(request, withdraw_release, WithdrawRelease(release_id, body.rationale), present=PROGRESS)
