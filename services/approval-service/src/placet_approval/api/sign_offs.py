"""Sign-offs: people approve or reject that a version goes to an environment."""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Query, Request, Response

from placet_approval.api.parts import approval_of
from placet_approval.api.rendering import rendered
from placet_approval.api.sign_off_bodies import (
    ApprovalBody,
    CommentBody,
    LineageBody,
    ReassignmentBody,
    RejectionBody,
    RequestedSignOff,
    RevocationBody,
    SignOffProgress,
    SignOffRequest,
    WithdrawalBody,
)
from placet_approval.api.sign_off_views import SignOffSummary, SignOffView
from placet_approval.commands.add_comment import AddComment, add_comment
from placet_approval.commands.decide_contested_lineage import DecideContestedLineage, decide_contested_lineage
from placet_approval.commands.grant_approval import GrantApproval, NewConditionText, grant_approval
from placet_approval.commands.reassign_sign_off import ReassignSignOff, reassign_sign_off
from placet_approval.commands.reject_sign_off import RejectSignOff, reject_sign_off
from placet_approval.commands.request_sign_off import RequestSignOff, request_sign_off
from placet_approval.commands.revoke_sign_off import RevokeSignOff, revoke_sign_off
from placet_approval.commands.withdraw_sign_off import WithdrawSignOff, withdraw_sign_off
from placet_approval.queries.delegations import roles_of_others
from placet_approval.queries.everything_arrived import require_everything_arrived
from placet_approval.queries.selecting_sign_offs import SignOffFilter
from placet_approval.queries.sign_offs import list_sign_offs, read_sign_off
from placet_approval.queries.signer_groups import find_signers
from placet_shared.errors import NotFound
from placet_shared.event_store import UseCase
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answering
from placet_shared.service.running import service_of
from placet_shared.web.conditional import conditional_response
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut

__all__ = ["PROGRESS", "SignOffId", "router"]

router = APIRouter(prefix="/v1/sign-offs", tags=["sign-offs"])

C = TypeVar("C")

PLACE = "/v1/sign-offs/{id}"
PROGRESS = answering(200, PLACE)
SignOffId = Annotated[str, Path(max_length=36, description="Id of a sign-off.", examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])]


@router.post("", status_code=201, summary="Request a sign-off", response_model=RequestedSignOff)
async def post_sign_off(request: Request, actor: CurrentActor, body: SignOffRequest) -> Response:
    """Request a sign-off. Needs the role `developer`; one at a time can be open for a version and an environment.

    Evidence must be by the plan in force: the service first waits until all that was committed anywhere before this request has arrived,
    and answers 503 when it can't confirm that.
    """
    await require_everything_arrived(approval_of(request).barrier)
    command = RequestSignOff(new_id(), **body.model_dump())
    return await run_command(request, request_sign_off, command, find_signers, present=answering(201, PLACE))


@router.get("", summary="List sign-offs", response_model=Page[SignOffSummary])
async def get_sign_offs(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    open: Annotated[bool, Query(description="Only those that wait for people.")] = False,
    mine: Annotated[bool, Query(description="Only those that you could sign, in your own name or in another person's place.")] = False,
    environment: Annotated[str | None, Query(max_length=63, description="Only for this environment.")] = None,
    model: Annotated[str | None, Query(max_length=200, description="Id or name.")] = None,
    version_id: Annotated[str | None, Query(max_length=36, description="Only of this version, by its id.")] = None,
) -> Response:
    """Sign-offs, newest first."""
    roles = {*actor.roles, *(await roles_of_others(service_of(request).pool, actor.id) if mine else ())}
    wanted = SignOffFilter(open, environment, model, version_id, actor.id if mine else None, sorted(roles))
    before = page.after("sign-offs", str)
    rows = await list_sign_offs(service_of(request).pool, wanted, before[0] if before else None, page.limit + 1)
    return json_response(cut(rows, page, "sign-offs", key=lambda row: (row.id,), item=rendered))


@router.get("/{sign_off_id}", summary="Read a sign-off", response_model=SignOffView)
async def get_sign_off(request: Request, actor: CurrentActor, sign_off_id: SignOffId) -> Response:
    """One sign-off: what it binds, the evidence, the signatures, the people who can't sign, and all comments."""
    found = await read_sign_off(service_of(request).pool, sign_off_id)
    if found is None:
        raise NotFound(f"There is no sign-off {sign_off_id}.", code="sign_off_not_found", resolve="See GET /v1/sign-offs.")
    return conditional_response(request, rendered(found), found.version_of_stream)


@router.post("/{sign_off_id}/approve", summary="Sign", response_model=SignOffProgress)
async def approve(request: Request, actor: CurrentActor, sign_off_id: SignOffId, body: ApprovalBody) -> Response:
    """Sign. For people, each once; people with a part in the version can't sign. The last signature approves."""
    conditions = [NewConditionText(new_id(), one.owner, one.due_at, one.condition) for one in body.conditions]
    command = GrantApproval(sign_off_id, body.role, body.rationale, conditions, body.on_behalf_of)
    return await run_command(request, grant_approval, command, present=PROGRESS)


@router.post("/{sign_off_id}/reject", summary="Reject a sign-off", response_model=SignOffProgress)
async def reject(request: Request, actor: CurrentActor, sign_off_id: SignOffId, body: RejectionBody) -> Response:
    """Say no; that ends it, and stands against every version with the same bytes in this environment, unless `scope` is `request`.

    Pending sign-offs of these bytes are invalidated. A version is released only by a sign-off of its own that is requested afterwards.
    """
    return await _say_no(request, reject_sign_off, RejectSignOff(sign_off_id, **body.model_dump()))


@router.post("/{sign_off_id}/withdraw", summary="Withdraw a sign-off", response_model=SignOffProgress)
async def withdraw(request: Request, actor: CurrentActor, sign_off_id: SignOffId, body: WithdrawalBody) -> Response:
    """End one that is open. For its requester or an admin."""
    return await run_command(request, withdraw_sign_off, WithdrawSignOff(sign_off_id, body.rationale), present=PROGRESS)


@router.post("/{sign_off_id}/revoke", summary="Revoke a signature or a sign-off", response_model=SignOffProgress)
async def revoke(request: Request, actor: CurrentActor, sign_off_id: SignOffId, body: RevocationBody) -> Response:
    """Take back: your signature while it is pending, all of it once it is approved. The gate says no from this answer on.

    Revoking an approved one stands against every version with the same bytes, as a rejection does.
    """
    return await _say_no(request, revoke_sign_off, RevokeSignOff(sign_off_id, body.rationale))


@router.post("/{sign_off_id}/lineage", summary="Decide on claims about signers", response_model=SignOffProgress)
async def decide_lineage(request: Request, actor: CurrentActor, sign_off_id: SignOffId, body: LineageBody) -> Response:
    """Decide on a claim, made after an approval, that a signer had a part in the bytes; until then the gate denies.

    For an admin who has no part in the bytes and in the sign-off. `confirmed` ends the sign-off; `set_aside` lets it stand.
    """
    command = DecideContestedLineage(sign_off_id, body.verdict, body.rationale)
    return await run_command(request, decide_contested_lineage, command, present=PROGRESS)


@router.post("/{sign_off_id}/reassign", summary="Reassign a sign-off", response_model=SignOffProgress)
async def reassign(request: Request, actor: CurrentActor, sign_off_id: SignOffId, body: ReassignmentBody) -> Response:
    """Let a person sign this one in the place of a signer who is absent. For holders of the role that the policy names as its `owner`.

    An owner with a part in the version, or who has signed, can't; who reassigns does not sign. The signature counts as one by a delegation.
    """
    return await run_command(request, reassign_sign_off, ReassignSignOff(sign_off_id, **body.model_dump()), present=PROGRESS)


@router.post("/{sign_off_id}/comments", summary="Comment on a sign-off", response_model=SignOffProgress)
async def comment(request: Request, actor: CurrentActor, sign_off_id: SignOffId, body: CommentBody) -> Response:
    """Add a comment; it decides nothing."""
    return await run_command(request, add_comment, AddComment(sign_off_id, body.text), present=PROGRESS)


async def _say_no(request: Request, use_case: UseCase[C, Any], command: C) -> Response:
    """End pending sign-offs of the same bytes; also after a repeated no, since the first request may have stopped before this step."""
    response = await run_command(request, use_case, command, present=PROGRESS)
    if response.status_code < 300:
        await approval_of(request).end_outdated_sign_offs()
    return response
