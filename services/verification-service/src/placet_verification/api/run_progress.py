"""The progress of a run as server-sent events."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Header, Path, Request, Response

from placet_shared.service.identity import CurrentActor
from placet_shared.service.running import kept_open
from placet_shared.web.event_stream import EVENT_STREAM, EventStream, encode_event
from placet_verification.api.parts import verification_of
from placet_verification.queries.run_progress import RunProgress

__all__ = ["run_progress"]

run_progress = APIRouter(prefix="/v1", tags=["runs"])

# Clients that follow for longer connect anew, perhaps to a process with less load.
STREAM_SECONDS = 300.0

RunId = Annotated[str, Path(max_length=63, description="Id of a run.")]


async def existing_progress(request: Request, actor: CurrentActor, run_id: RunId) -> RunProgress:
    """Checked before a stream begins, since afterwards it is too late to answer 401 or 404."""
    return await verification_of(request).followed.read(run_id)


@run_progress.get("/runs/{run_id}/progress", summary="Follow a run", response_class=Response, responses=EVENT_STREAM)
async def follow_run(
    request: Request,
    actor: CurrentActor,
    now: Annotated[RunProgress, Depends(existing_progress)],
    last_event_id: Annotated[
        str | None, Header(pattern="^[a-z]{1,12}-[0-9]{1,9}-[0-9]{1,9}$", max_length=40, description="The `id` of the last event you have.")
    ] = None,
) -> Response:
    """One event `progress` for how far the run is, and one for each change, at most one a second. `data` has `status`, the `place` in the
    queue while it is `queued`, the number of the last `attempt` and its `started_at`, and at the end `ended_at` with `result_sha256` or
    `reason_code`. Comments in between keep the connection.

    The stream ends with the run; and after five minutes, when the service stops and when the token is revoked: reconnect with
    `Last-Event-ID`, and what you have is not sent again.
    """
    changes = verification_of(request).followed.changes(now.id, last_event_id, STREAM_SECONDS)
    return EventStream(changes, _event, lambda: kept_open(request, actor))


def _event(now: RunProgress) -> bytes:
    return encode_event(orjson.dumps({**_members(now), "ended": now.ended}, option=orjson.OPT_UTC_Z), now.key, "progress")


def _members(now: RunProgress) -> dict[str, object]:
    return {name: getattr(now, name) for name in RunProgress.__slots__}
