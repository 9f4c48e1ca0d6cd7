"""`/v1/parked`: the events that a service could not apply, why, what waits for them, and the two ways to resolve them."""

import logging
from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.convertors import Convertor, register_url_convertor

from placet_shared.access import Actor, Roles, allowed, demand_role
from placet_shared.bus.parked import ParkedEvent, find_parked, list_parked
from placet_shared.bus.resolving import ParkedAt, SkipParkedEvent, retry_parked_event, skip_parked_event
from placet_shared.errors import NotFound
from placet_shared.postgres.errors import DATABASE_ERRORS, is_raised_by_function
from placet_shared.service.commands import run_command
from placet_shared.service.identity import KnownActor
from placet_shared.service.running import service_of
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut

__all__ = ["PARKED_TAG", "router"]

logger = logging.getLogger(__name__)


class _Position(Convertor[str]):
    """A consumer's name may have slashes: without this `…/12/retry` would be read as the event `retry` of the consumer `…/12`."""

    regex = "[0-9]{1,19}"

    def convert(self, value: str) -> str:
        """As it is; the endpoint's own type reads it."""
        return value

    def to_string(self, value: str) -> str:
        """As it stands."""
        return value


register_url_convertor("position", _Position())
router = APIRouter(prefix="/v1/parked", tags=["parked"])

PARKED_TAG = {"name": "parked", "description": "Events of other services that could not be applied here, and what waits for them."}
LISTING = "parked"
WHO_READS = (Roles.AUDITOR, Roles.ADMIN)
# Resolving needs the role, whatever service's event it is.
retry, skip = allowed(Roles.ADMIN)(retry_parked_event), allowed(Roles.ADMIN)(skip_parked_event)
SHOWN = frozenset(field.name for field in fields(ParkedEvent)) - {"event"}


async def reading_actor(actor: KnownActor) -> Actor:
    """The actor, ignoring `Placet-Seen`: a client that has seen a parked event must not wait for it on the endpoints that resolve it."""
    demand_role(actor, WHO_READS)
    return actor


Reader = Annotated[Actor, Depends(reading_actor)]
ConsumerName = Annotated[str, Path(max_length=100, description="The consumer, as the list names it.", examples=["registry"])]
At = Annotated[int, Path(ge=1, le=2**63 - 1, description="The event's position in its source.", examples=[12])]


class ParkedView(BaseModel):
    """An event that waits."""

    consumer: str = Field(examples=["registry"], description="Which of this service's consumers parked it.")
    position: int = Field(description="Its place among the events of its source.")
    epoch: int = Field(description="Of its source.")
    event_id: str = Field(description="Of the event.")
    type: str = Field(description="What happened.", examples=["VersionRegistered"])
    source: str = Field(description="The service that recorded it.")
    subject: str = Field(description="What it is about: a model's id, else that of a person, a policy, a plan, an environment or a blob.")
    subjects: list[str] = Field(description="What it touches; while it is parked, later events that touch one of these queue behind it.")
    reason: str | None = Field(description="Why it could not be applied; null while it only waits for others.")
    attempts: int = Field(description="How often it was tried again.")
    parked_at: datetime = Field(description="When it could not be applied.")
    blocks: bool = Field(description="Whether it waits for nothing but its own repair: then it can be tried again, or skipped.")
    behind: list[int] = Field(description="Positions of the blocking events that it waits for.")
    holds_up: int = Field(description="How many parked events wait for it.")


class ParkedDocument(ParkedView):
    """The same, with the event itself."""

    event: dict[str, Any] = Field(description="The CloudEvent, its bytes unchanged.")


class Reason(BaseModel):
    """The reason for going on without an event."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=4000, description="Free text, kept beside the events.", examples=["Never deployed."])


class Resolved(BaseModel):
    """The event that was resolved, and what came of it."""

    consumer: str = Field(description="Which of this service's consumers parked it.")
    event_source: str = Field(description="The service that recorded it.")
    event_epoch: int = Field(description="Of its source.")
    event_position: int = Field(description="Its place among the events of its source.")
    event_id: str = Field(description="Of the event.")
    event_type: str = Field(description="What happened.")
    attempts: int = Field(description="How often it was tried again.")
    applied: int | None = Field(description="How many parked events of this consumer were applied now; null when it is not known yet.")
    parked: bool | None = Field(description="Whether this one is still parked; null when it is not known yet.")


@router.get("", summary="List parked events", response_model=Page[ParkedView])
async def get_parked_events(request: Request, actor: Reader, page: PageQuery) -> Response:
    """By consumer, in the order of their source. For auditors and admins."""
    after = page.after(LISTING, str, int) or ("", 0)
    events = [event for event in await list_parked(service_of(request).pool) if (event.consumer, event.position) > after]
    return json_response(cut(events, page, LISTING, key=lambda event: [event.consumer, event.position], item=_shown))


@router.get("/{consumer:path}/{position:position}", summary="Read about a parked event", response_model=ParkedDocument)
async def get_parked_event(request: Request, actor: Reader, consumer: ConsumerName, position: At) -> Response:
    """With the event itself. For auditors and admins."""
    parked = await find_parked(service_of(request).pool, consumer, position)
    if parked is None:
        raise NotFound(f"No event is parked for {consumer} at position {position}.", code="parked_event_not_found")
    return json_response({**_shown(parked), "event": orjson.Fragment(parked.event)})


@router.post("/{consumer:path}/{position:position}/retry", summary="Try a parked event again", response_model=Resolved)
async def post_retry(request: Request, actor: KnownActor, consumer: ConsumerName, position: At) -> Response:
    """Tries all that is parked for this consumer, in order. For admins; recorded as `ParkedEventRetried`."""
    place = ParkedAt(consumer, position)
    return await _and_try_again(request, place, await run_command(request, retry, place, service_of(request).pool))


@router.post("/{consumer:path}/{position:position}/skip", summary="Go on without a parked event", response_model=Resolved)
async def post_skip(request: Request, actor: KnownActor, consumer: ConsumerName, position: At, body: Reason) -> Response:
    """The event will never be applied here, and what queues behind it goes on. For admins who are people; recorded as
    `ParkedEventSkipped` with the reason. Only an event that blocks can be skipped."""
    command, pool = SkipParkedEvent(ParkedAt(consumer, position), body.reason), service_of(request).pool
    try:
        response = await run_command(request, skip, command, pool)
    except DATABASE_ERRORS as error:
        if not is_raised_by_function(error):
            raise
        # Applied or skipped by another process since it was looked up: asked once more, the command is refused, for the record.
        response = await run_command(request, skip, command, pool)
    return await _and_try_again(request, command.place, response)


async def _and_try_again(request: Request, place: ParkedAt, response: Response) -> Response:
    """Once the command is recorded, another attempt at all that the consumer has parked."""
    if response.status_code != 200:
        return response
    applied, parked = await _try_again(request, place)
    headers = {name: value for name, value in response.headers.items() if name not in ("content-length", "content-type")}
    return json_response({**orjson.loads(response.body), "applied": applied, "parked": parked}, 200, headers)


async def _try_again(request: Request, place: ParkedAt) -> tuple[int | None, bool | None]:
    consumers = service_of(request).consumers
    try:
        applied = sum([await consumer.retry_parked() for consumer in consumers if consumer.name == place.consumer])
        return applied, await find_parked(service_of(request).pool, place.consumer, place.position) is not None
    except DATABASE_ERRORS as error:
        logger.warning("the parked events of %s can't be tried just now: %s", place.consumer, error)
        return None, None


def _shown(parked: ParkedEvent) -> dict[str, Any]:
    return {name: getattr(parked, name) for name in SHOWN} | {"blocks": parked.blocks}
