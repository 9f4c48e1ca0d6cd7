"""Waiting for a sign-off: by long-poll, or by server-sent events."""

from datetime import datetime
from functools import lru_cache
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, Field, computed_field

from placet_approval.api.parts import approval_of
from placet_approval.domain.known_sign_off import SignOffState
from placet_approval.queries import progress
from placet_approval.queries.waiting import Waiting
from placet_shared.service.identity import CurrentActor
from placet_shared.service.running import kept_open
from placet_shared.web.event_stream import EVENT_STREAM, EventStream, encode_event
from placet_shared.web.json_responses import AwaitedAnswer

__all__ = ["router"]

router = APIRouter(prefix="/v1/sign-offs", tags=["sign-offs"])

SignOffId = Annotated[
    str,
    Path(pattern="^[0-9a-f-]{1,36}$", max_length=36, description="Id of a sign-off.", examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"]),
]
# Clients that follow for longer connect anew, perhaps to a process with less load.
STREAM_SECONDS = 300.0
# The number of rendered states that are cached; all waiters that are notified at the same moment share one.
RENDERED = 1000


class Progress(BaseModel):
    """The state of a sign-off."""

    id: str = Field(description="Of the sign-off.")
    state: SignOffState = Field(description="`pending` until people have decided.")
    expired: bool = Field(description="Whether an approved sign-off is no longer valid, as of this answer.")
    stream_version: int = Field(description="Grows with every act; the ETag of the sign-off.")
    model_id: str = Field(description="The model's id.")
    version_id: str = Field(description="The version's id.")
    environment: str = Field(description="Where the version is to go.")
    changed_at: datetime = Field(description="When the last act was recorded.")
    expires_at: datetime | None = Field(description="Until when the yes is valid; null until it is approved.")
    traceparent: str | None = Field(
        description="W3C trace context of the act that led to this state; a client that acts on it sends it with its next request."
    )

    @computed_field(description="Whether it is decided or ended: its state is no longer `pending`.")  # type: ignore[prop-decorator]
    @property
    def ended(self) -> bool:
        return self.state != "pending"


def place_to_wait(request: Request) -> Waiting:
    """The process's one set of waiters."""
    return approval_of(request).waiting


WaitingPlace = Annotated[Waiting, Depends(place_to_wait)]


async def present_state(actor: CurrentActor, waiting: WaitingPlace, sign_off_id: SignOffId) -> progress.Progress:
    """Checked before a stream begins, since afterwards it is too late to answer 401 or 404."""
    return await waiting.read(sign_off_id)


@router.get("/{sign_off_id}/wait", summary="Wait until a sign-off is no longer pending", response_model=Progress)
async def wait_for_sign_off(
    request: Request,
    actor: CurrentActor,
    waiting: WaitingPlace,
    sign_off_id: SignOffId,
    timeout: Annotated[float, Query(ge=0, le=25, description="Seconds to wait at most.")] = 25,
) -> Response:
    """Answers as soon as the sign-off is no longer pending, else with its state after `timeout`.

    A yes here is not yet a permission: ask the gate (`POST /v1/gate`) before you deploy.
    """

    async def outcome() -> bytes:
        with kept_open(request, actor):
            return _encoded(await waiting.outcome(sign_off_id, timeout))

    return AwaitedAnswer(outcome)


@router.get("/{sign_off_id}/events", summary="Follow a sign-off", response_class=Response, responses=EVENT_STREAM)
async def follow_sign_off(
    request: Request,
    actor: CurrentActor,
    waiting: WaitingPlace,
    now: Annotated[progress.Progress, Depends(present_state)],
    last_event_id: Annotated[
        str | None, Header(pattern=r"^\d{1,9}$", max_length=9, description="The `id` of the last event that you have.")
    ] = None,
) -> Response:
    """One event `progress` for the sign-off's state, and one for each newer state, until `ended` is true; comments in between.

    The `id` is the version of the sign-off's stream. The stream also ends after five minutes, when the service stops and when the token
    is revoked: reconnect with `Last-Event-ID`, and no state is missed or sent twice.
    """
    known = int(last_event_id or 0)
    if known > now.stream_version:
        known = 0  # not a version of this stream: begin with the current state
    return EventStream(waiting.changes(now.id, known, STREAM_SECONDS), _event, lambda: kept_open(request, actor))


@lru_cache(RENDERED)
def _encoded(now: progress.Progress) -> bytes:
    return orjson.dumps(now, option=orjson.OPT_UTC_Z)


@lru_cache(RENDERED)
def _event(now: progress.Progress) -> bytes:
    return encode_event(_encoded(now), str(now.stream_version), "progress")
