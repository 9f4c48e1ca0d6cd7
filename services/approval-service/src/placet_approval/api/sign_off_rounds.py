"""Feedback before signatures, issues, changes, new rounds, conditions, and holds of sign-offs."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from placet_approval.api.parts import approval_of
from placet_approval.api.sign_off_bodies import FeedbackBody, ReasonBody, ResetBody, SignOffProgress, WaiverBody
from placet_approval.api.sign_offs import PROGRESS, SignOffId
from placet_approval.commands.close_issue import ResolveIssue, WaiveIssue, resolve_issue, waive_issue
from placet_approval.commands.give_feedback import GiveFeedback, give_feedback
from placet_approval.commands.hold_sign_off import (
    RequestChanges,
    ResumeSignOff,
    SuspendSignOff,
    request_changes,
    resume_sign_off,
    suspend_sign_off,
)
from placet_approval.commands.meet_condition import MeetCondition, meet_condition
from placet_approval.commands.reset_sign_off import ResetSignOff, reset_sign_off
from placet_approval.queries.everything_arrived import require_everything_arrived
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor

__all__ = ["router"]

router = APIRouter(prefix="/v1/sign-offs/{sign_off_id}", tags=["sign-offs"])

IssueId = Annotated[str, Path(max_length=36, description="Id of an issue.", examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])]
ConditionId = Annotated[str, Path(max_length=36, description="Id of a condition.", examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])]


@router.post("/feedback", summary="Answer for a group", response_model=SignOffProgress)
async def post_feedback(request: Request, actor: CurrentActor, sign_off_id: SignOffId, body: FeedbackBody) -> Response:
    """Approve, or raise an issue, as a person of a group that the policy asks before people sign. People with a part in the version can't.

    A later answer takes the place of your earlier one for the group; an issue that you raised stays until it is resolved or waived.
    """
    command = GiveFeedback(sign_off_id, new_id(), body.group, body.verdict, body.comment, body.attachments)
    return await run_command(request, give_feedback, command, present=PROGRESS)


@router.post("/issues/{issue_id}/resolve", summary="Resolve an issue", response_model=SignOffProgress)
async def resolve(request: Request, actor: CurrentActor, sign_off_id: SignOffId, issue_id: IssueId, body: ReasonBody) -> Response:
    """Say that an issue is dealt with. For people of the group that raised it, without a part in the version."""
    return await run_command(request, resolve_issue, ResolveIssue(sign_off_id, issue_id, body.rationale), present=PROGRESS)


@router.post("/issues/{issue_id}/waive", summary="Waive an issue", response_model=SignOffProgress)
async def waive(request: Request, actor: CurrentActor, sign_off_id: SignOffId, issue_id: IssueId, body: WaiverBody) -> Response:
    """Let the sign-off go on with an open issue until a time. For people in a role that the policy names, without a part in the version."""
    command = WaiveIssue(sign_off_id, issue_id, body.until, body.rationale)
    return await run_command(request, waive_issue, command, present=PROGRESS)


@router.post("/request-changes", summary="Ask for changes", response_model=SignOffProgress)
async def post_request_changes(request: Request, actor: CurrentActor, sign_off_id: SignOffId, body: ReasonBody) -> Response:
    """Send a pending sign-off back to its requester; nothing is signed until a new round begins. For people who sign or give feedback."""
    return await run_command(request, request_changes, RequestChanges(sign_off_id, body.rationale), present=PROGRESS)


@router.post("/reset", summary="Begin a new round", response_model=SignOffProgress)
async def reset(request: Request, actor: CurrentActor, sign_off_id: SignOffId, body: ResetBody) -> Response:
    """Ask people anew, for how things are now. For its requester, while it is pending, or after its time was over or a fact ended it.

    One that was approved has no new round.

    What was said stays, issues stay open, and nothing is signed yet. As for a new sign-off, the service first waits until all that was
    committed anywhere before this request has arrived, and answers 503 when it can't confirm that.
    """
    await require_everything_arrived(approval_of(request).barrier)
    return await run_command(request, reset_sign_off, ResetSignOff(sign_off_id, body.rationale), present=PROGRESS)


@router.post("/conditions/{condition_id}/met", summary="Say that a condition was met", response_model=SignOffProgress)
async def met(request: Request, actor: CurrentActor, sign_off_id: SignOffId, condition_id: ConditionId, body: ReasonBody) -> Response:
    """Before it is due, for the person who set it, or another one who may sign; never for its owner."""
    return await run_command(request, meet_condition, MeetCondition(sign_off_id, condition_id, body.rationale), present=PROGRESS)


@router.post("/suspend", summary="Suspend an approval", response_model=SignOffProgress)
async def suspend(request: Request, actor: CurrentActor, sign_off_id: SignOffId, body: ReasonBody) -> Response:
    """Hold an approved sign-off: the gate says no from this answer on. For its signers, people who may sign, and admins."""
    return await run_command(request, suspend_sign_off, SuspendSignOff(sign_off_id, body.rationale), present=PROGRESS)


@router.post("/resume", summary="Let a suspended approval go on", response_model=SignOffProgress)
async def resume(request: Request, actor: CurrentActor, sign_off_id: SignOffId, body: ReasonBody) -> Response:
    """With the validity that it had. For people who may sign, without a part in the version."""
    return await run_command(request, resume_sign_off, ResumeSignOff(sign_off_id, body.rationale), present=PROGRESS)
