"""`/v1/restores`: events that were lost when this service was restored from a copy, and applying them again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from placet_approval.commands.apply_lost_event import ApplyLostEvent, apply_lost_event
from placet_approval.commands.review_restore import ReviewRestore, review_restore
from placet_approval.queries.restores import LostAct, LostBranch, Restore, read_restore
from placet_shared.access import Actor, Roles
from placet_shared.errors import Conflict
from placet_shared.event_store import Metadata
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import require
from placet_shared.service.running import service_of

__all__ = ["router"]

router = APIRouter(prefix="/v1/restores", tags=["restores"])

Admin = Annotated[Actor, Depends(require(Roles.ADMIN))]
Reader = Annotated[Actor, Depends(require(Roles.ADMIN, Roles.AUDITOR))]


class LostHistory(BaseModel):
    """What an admin has to review; both lists are empty when nothing was lost."""

    complete: bool = Field(description="whether the audit log has listed all that was lost")
    branches: list[LostBranch]
    events: list[LostAct]


class Review(BaseModel):
    """The reason for lifting the denial."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=4000, description="Free text, kept beside the events.")
    incomplete: bool = Field(False, description="apply although the audit log does not have all that was lost")


class Reviewed(BaseModel):
    """The lost events by what was done about them."""

    branches: list[str]
    lost: int
    applied: int
    offered: int
    complete: bool


@router.get("", summary="What was lost in a restore")
async def lost_history(request: Request, actor: Reader) -> LostHistory:
    """Until an admin has reviewed it, the gate denies what it concerns."""
    restore = await read_restore(service_of(request).pool)
    return LostHistory(complete=restore.complete, branches=list(restore.branches), events=list(restore.events))


@router.post("/apply", summary="Apply what was lost", response_model=Reviewed)
async def apply_lost(request: Request, actor: Admin, body: Review) -> Response:
    """Revocations, rejections, deactivations, erasures and policies are done again, each by a new event; the rest is left to people.

    409 `nothing_lost` when there is nothing to review, `lost_history_incomplete` while the audit log has not listed all of it.
    """
    restore = await read_restore(service_of(request).pool)
    _require_known(restore, body.incomplete)
    applied = sum([await _apply(request, actor, one, body.reason) for one in restore.events if one.how == "applied"])
    command = ReviewRestore(
        branches=[one.event_id for one in restore.branches],
        events=[one.event_id for one in restore.events],
        applied=applied,
        offered=sum(one.how == "offered" for one in restore.events),
        complete=restore.complete,
        reason=body.reason,
    )
    return await run_command(request, review_restore, command)


def _require_known(restore: Restore, incomplete: bool) -> None:
    if not restore.branches and not restore.events:
        raise Conflict("Nothing is known to be lost.", code="nothing_lost", resolve="There is nothing to review.")
    if not restore.complete and not incomplete:
        raise Conflict(
            "The audit log has not listed all that was lost.",
            code="lost_history_incomplete",
            resolve="Wait until audit-service has it; if it never will, set `incomplete` to apply without it.",
        )


async def _apply(request: Request, actor: Actor, lost: LostAct, reason: str) -> bool:
    """A command of its own, so that one failure does not stop the others; the lost event is its causation."""
    command = ApplyLostEvent(lost.type, lost.data, reason)
    metadata = Metadata(actor=actor.id, correlation=new_id(), causation=lost.event_id)
    return (await service_of(request).store.execute(apply_lost_event, command, metadata=metadata, actor=actor)).applied
