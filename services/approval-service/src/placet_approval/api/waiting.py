"""Waiting for a sign-off: by long-poll, or by server-sent events."""

from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from placet_approval.queries.progress import Progress
from placet_approval.queries.waiting import Waiting
from placet_shared.service.identity import CurrentActor
from placet_shared.service.services import kept_open
from placet_shared.web.answers import AwaitedAnswer
from placet_shared.web.event_stream import EVENT_STREAM, EventStream

__all__ = ["router"]

router = APIRouter(prefix="/v1/sign-offs", tags=["sign-offs"])

SignOffId = Annotated[str, Path(pattern="^[0-9a-f-]{1,36}$", examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])]
# Who follows for longer connects anew, perhaps to a process that has less to do.
STREAM_SECONDS = 300.0


def place_to_wait(request: Request) -> Waiting:
    """The process's one."""
    waiting = request.app.state.placet.waiting
    assert isinstance(waiting, Waiting)
    return waiting


WaitingPlace = Annotated[Waiting, Depends(place_to_wait)]


async def present_state(actor: CurrentActor, waiting: WaitingPlace, sign_off_id: SignOffId) -> Progress:
    """Looked up before a stream begins, since afterwards it is too late to answer 401 or 404."""
    return await waiting.read(sign_off_id)


@router.get("/{sign_off_id}/wait", summary="Wait until people are done", response_model=Progress)
async def wait_for_sign_off(
    request: Request,
    actor: CurrentActor,
    waiting: WaitingPlace,
    sign_off_id: SignOffId,
    timeout: Annotated[float, Query(ge=0, le=25, description="Seconds to wait at most.")] = 25,
) -> Response:
    """Answers as soon as the sign-off is no longer pending, else with how it stands after `timeout`.

    A yes here is not yet a permission: ask the gate (`POST /v1/gate`) before going on.
    """

    async def outcome() -> bytes:
        with kept_open(request, actor):
            return (await waiting.outcome(sign_off_id, timeout)).encoded

    return AwaitedAnswer(outcome)


@router.get("/{sign_off_id}/events", summary="Follow a sign-off", response_class=Response, responses=EVENT_STREAM)
async def follow_sign_off(
    request: Request,
    actor: CurrentActor,
    waiting: WaitingPlace,
    now: Annotated[Progress, Depends(present_state)],
    last_event_id: Annotated[str | None, Header(pattern=r"^\d{1,9}$", description="The `id` of the last event that you have.")] = None,
) -> Response:
    """One event `progress` for how the sign-off stands, and one for each newer state, until `ended` is true; comments in between.

    The `id` is the version of the sign-off's stream. The stream also ends after five minutes, when the service stops and when the token
    is revoked: reconnect with `Last-Event-ID`, and no state is missed or told twice.
    """
    known = int(last_event_id or 0)
    if known > now.stream_version:
        known = 0  # no version of this history: begin again
    return EventStream(waiting.changes(now.id, known, STREAM_SECONDS), attrgetter("event"), lambda: kept_open(request, actor))
