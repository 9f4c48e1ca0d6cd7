"""`GET /v1/feed`: every service serves its own events to every client with a valid token."""

from contextlib import nullcontext
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import Field

from placet_shared.access import Actor, Roles, demand_role
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.envelope import encode
from placet_shared.bus.feed import LONGEST_WAIT_SECONDS, MOST_EVENTS, MOST_TEXTS, head_members
from placet_shared.bus.passed_over import PassedOver
from placet_shared.event_store.records import RecordedEvent
from placet_shared.service.identity import current_actor
from placet_shared.service.running import kept_open, service_of
from placet_shared.service.text_routes import TextId
from placet_shared.web.event_stream import EVENT_STREAM, EventStream, encode_event
from placet_shared.web.json_responses import json_response

__all__ = ["FEED_TAG", "router"]

FEED_TAG = {"name": "feed", "description": "This service's own events, in order, for consumers."}

router = APIRouter(prefix="/v1/feed", tags=["feed"])


# A client that follows for longer reconnects, perhaps to a less busy process.
STREAM_SECONDS = 300.0

After = Annotated[str, Query(description="`epoch:position:event id` of the last event you have; leave out to begin", max_length=120)]


Types = Annotated[
    list[Annotated[str, Field(pattern="^[A-Za-z]{1,100}$", max_length=100)]] | None,
    Query(
        max_length=50,
        description="Only events of these types, by their names between `placet.` and the version; by default all.",
        examples=[["TokenIssued", "TokenRevoked"]],
    ),
]


@router.get("", summary="Events after a cursor")
async def read_feed(
    request: Request,
    actor: Annotated[Actor, Depends(current_actor)],
    after: After = "",
    limit: Annotated[int, Query(ge=1, le=MOST_EVENTS, description="how many events at most")] = 500,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_SECONDS, description="seconds to wait for an event when there is none")] = 0,
    types: Types = None,
) -> Response:
    """Events in order, as CloudEvents 1.0. An empty page after `wait` seconds says that there was nothing, up to `head`.

    `prev` of each event is the id of the one before it: a reader that checks it can miss nothing. 409 `lost_branch` says
    that this source was restored and does not have your last event any more.

    With `types`, `passed` has the other events of the page without what they say: position, epoch, id, `prev`, type and time. Taken
    together with `events` they are the chain that `prev` makes, and the page's last event, of either, is the cursor to go on from.
    """
    with kept_open(request, actor) if wait else nullcontext():
        page = await service_of(request).feed.page(Cursor.parse(after), limit, wait, with_texts="service" in actor.roles, types=types or ())
    return Response(page.encode(), media_type="application/json")


async def known_cursor(
    request: Request,
    actor: Annotated[Actor, Depends(current_actor)],
    after: After = "",
    last_event_id: Annotated[
        str | None, Header(description="The `id` of the last event you have; counts before `after`", max_length=120)
    ] = None,
) -> Cursor:
    """Looked up before a stream begins, since afterwards it is too late to answer 401, 409 or 422."""
    cursor = Cursor.parse(last_event_id or after)
    await service_of(request).feed.check(cursor)
    return cursor


@router.get("/events", summary="Events as they happen", response_class=Response, responses=EVENT_STREAM)
async def follow_feed(
    request: Request,
    actor: Annotated[Actor, Depends(current_actor)],
    after: Annotated[Cursor, Depends(known_cursor)],
    types: Types = None,
) -> Response:
    """Server-sent events: `data` is the CloudEvent as `GET /v1/feed` has it, `id` the cursor to go on from, comments in between.

    The stream ends after five minutes, when the service stops, and when the token is revoked: reconnect with `Last-Event-ID`, and
    no event is missed or sent twice. Texts are not in it. 409 `lost_branch` as for `GET /v1/feed`. With `types`, of any other event there
    is only the `id`, which a browser's `EventSource` takes over without an event.
    """
    events = service_of(request).feed.events(after, STREAM_SECONDS, types or ())
    return EventStream(events, _event, lambda: kept_open(request, actor))


def _event(event: RecordedEvent | PassedOver) -> bytes:
    cursor = str(Cursor(event.epoch, event.position, event.id))
    return b"id: %b\n\n" % cursor.encode() if isinstance(event, PassedOver) else encode_event(encode(event), cursor)


@router.get("/digest", summary="SHA-256 over some events")
async def read_digest(
    request: Request,
    actor: Annotated[Actor, Depends(current_actor)],
    until: Annotated[int, Query(ge=1, lt=2**63, description="position of the last event; at most 1,000 after the cursor's")],
    after: After = "",
) -> dict[str, Any]:
    """A digest of the events after the cursor up to `until`, for a reader that has them from elsewhere and trusts this feed alone.

    `sha256`, in hex, is over these events one after the other, nothing between: of each its attributes (all members of the
    CloudEvent but `data`, `datasha256` among them) as RFC 8785 writes an object, then the bytes of its `data`. 409
    `lost_branch` as for `GET /v1/feed`; 400 `beyond_head` when this source has no event at `until` yet.
    """
    digest = await service_of(request).feed.digest(Cursor.parse(after), until)
    return {"source": digest.head.source, "until": until, "sha256": digest.sha256, "head": head_members(digest.head)}


@router.get("/texts", summary="Texts that events commit to")
async def read_texts(
    request: Request,
    actor: Annotated[Actor, Depends(current_actor)],
    id: Annotated[list[TextId], Query(min_length=1, max_length=MOST_TEXTS, description="`id` of a commitment; up to 20")],
) -> dict[str, Any]:
    """For services, which keep a copy only of a text to which an event commits: HMAC-SHA256 of `body` under `salt`.

    An erased text has neither, and `erased` is true; one that was never here is left out.
    """
    demand_role(actor, {Roles.SERVICE})
    feed = service_of(request).feed
    return {"source": feed.source, "texts": await feed.texts(id)}


@router.get("/head", summary="The last event's position", response_model=dict[str, Any])
async def read_head(request: Request, actor: Annotated[Actor, Depends(current_actor)]) -> Response:
    """Read from the primary database after this request arrived. `id` is the event at that position, `nonce` its epoch's.

    Services also get how far this one has followed its sources (`followed`), including branches that those lost in a restore.
    """
    feed = service_of(request).feed
    if "service" not in actor.roles:
        return json_response({"source": feed.source, **head_members(await feed.head())})
    head, followed = await feed.head_and_followed()
    told = {"source": feed.source, **head_members(head), "followed": [msgspec.to_builtins(one) for one in followed]}
    return json_response(told)
