"""`GET /v1/feed`: every service serves its own events to whoever has a token."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from placet_shared.access import Actor
from placet_shared.bus.cursors import Cursor
from placet_shared.web.identity import current_actor

__all__ = ["router"]

router = APIRouter(prefix="/v1/feed", tags=["feed"])

LIMIT = 1000
LONGEST_WAIT = 25.0


@router.get("", summary="Events after a cursor")
async def read_feed(
    request: Request,
    actor: Annotated[Actor, Depends(current_actor)],
    after: Annotated[
        str, Query(description="`epoch:position:event id` of the last event you have; leave out to begin", max_length=120)
    ] = "",
    limit: Annotated[int, Query(ge=1, le=LIMIT)] = 500,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="seconds to wait for an event when there is none")] = 0,
) -> Response:
    """Events in order, as CloudEvents 1.0. An empty page after `wait` seconds says that there was nothing, up to `head`.

    `prev` of each event is the id of the one before it: a reader that checks it can miss nothing. 409 `lost_branch` says
    that this source was restored and does not have your last event any more.
    """
    page = await request.app.state.placet.feed.page(Cursor.parse(after), limit, wait, with_texts="service" in actor.roles)
    return Response(page.encode(), media_type="application/json")


@router.get("/head", summary="The last event's position")
async def read_head(request: Request, actor: Annotated[Actor, Depends(current_actor)]) -> dict[str, Any]:
    """Read from the primary database after this question arrived."""
    head = await request.app.state.placet.feed.head()
    return {"source": head.source, "epoch": head.epoch, "position": head.position}
