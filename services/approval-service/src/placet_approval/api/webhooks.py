"""`/v1/webhooks`: systems that are sent events, with secrets that are shown once, and what was delivered to them."""

import secrets
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field

from placet_approval.api.parts import approval_of
from placet_approval.api.rendering import rendered
from placet_approval.commands.add_webhook import AddWebhook, add_webhook
from placet_approval.commands.disable_webhook import DisableWebhook, disable_webhook
from placet_approval.commands.enable_webhook import EnableWebhook, enable_webhook
from placet_approval.commands.ping_webhook import PingWebhook, ping_webhook
from placet_approval.commands.request_redelivery import RequestRedelivery, request_redelivery
from placet_approval.commands.rotate_webhook_secret import RotateWebhookSecret, rotate_webhook_secret
from placet_approval.domain.webhook_address import URL_LENGTH
from placet_approval.domain.webhook_signature import SECRET_BYTES, secret_text
from placet_approval.domain.webhook_types import MOST_TYPES
from placet_approval.queries.webhooks import DeliveryState, list_deliveries, list_webhooks, read_webhook
from placet_shared.access import Actor, Roles
from placet_shared.contracts.catalogue import CATALOGUE
from placet_shared.errors import NotFound
from placet_shared.event_store import Answer
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor, require
from placet_shared.service.presenting import answer, answering
from placet_shared.service.running import service_of
from placet_shared.web.conditional import conditional_response
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut

__all__ = ["router"]

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

LISTING = "webhooks"
PLACE = "/v1/webhooks/{webhook_id}"
CHANGED = answering(200, PLACE)
# What this service has: its own events, and those that it follows.
KNOWN_TYPES = frozenset(type_ for source in ("approval", "registry", "verification") for type_ in CATALOGUE[source])
ID = "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c13"
WebhookPath = Annotated[str, Path(max_length=100, description="Id of a webhook.", examples=[ID])]
Admin = Annotated[Actor, Depends(require(Roles.ADMIN))]


class NewWebhook(BaseModel):
    """Where to, and which events."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=URL_LENGTH, description="An https address of a public host.", examples=["https://hooks.example.org/placet"])
    types: list[Annotated[str, Field(max_length=100)]] = Field(
        max_length=MOST_TYPES,
        description="Types of events; `SignOff*` is all that begin so, `*` all there are.",
        examples=[["SignOffApproved", "SignOffRevoked"]],
    )


class ChangedWebhook(BaseModel):
    """The webhook after the command."""

    webhook_id: str = Field(examples=[ID])
    host: str = Field(examples=["hooks.example.org"])
    types: list[str] = Field(examples=[["SignOffApproved", "SignOffRevoked"]])
    enabled: bool


class AddedWebhook(ChangedWebhook):
    """The one answer that has the secret."""

    secret: str | None = Field(
        description="With which the receiver checks signatures (Standard Webhooks). Null when a request is repeated with its "
        "Idempotency-Key; if you did not receive the first answer, rotate the secret."
    )
    shown: Literal["once"]


class RotatedSecret(BaseModel):
    """The one answer that has the new secret; the one before is signed with too for 24 hours."""

    webhook_id: str = Field(examples=[ID])
    secret: str | None = Field(description="Null when a request is repeated with its Idempotency-Key.")
    shown: Literal["once"]


class Redelivery(BaseModel):
    """Which event to send again."""

    model_config = ConfigDict(extra="forbid")

    event_id: str = Field(
        pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        max_length=36,
        description="Id of the event, which is the `webhook-id` that it was sent with.",
        examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"],
    )


class RequestedRedelivery(BaseModel):
    """It is sent at once."""

    webhook_id: str
    event_id: str


class WebhookView(BaseModel):
    """One webhook."""

    webhook_id: str = Field(examples=[ID])
    url: str | None = Field(examples=["https://hooks.example.org/placet"])
    types: list[str] = Field(examples=[["SignOffApproved", "SignOffRevoked"]])
    enabled: bool
    disabled_because: Literal["asked", "gone"] | None = Field(description="An admin asked for it, or the receiver answered 410.")
    added_by: str = Field(description="Id of the person who added it.")
    added_at: datetime
    changed_at: datetime
    version: int
    previous_secret_until: datetime | None = Field(description="Until when events are signed with the secret before too.")
    pending: int = Field(description="Deliveries that wait, up to some thousands.")
    parked: int = Field(description="Deliveries that were given up after a day, up to a thousand.")


class DeliveryView(BaseModel):
    """An event for a webhook, and the last attempt to deliver it."""

    seq: int = Field(description="Grows with each delivery that is queued.")
    event_id: str = Field(description="The `webhook-id` that it is sent with.")
    source: str = Field(examples=["approval"])
    type: str = Field(examples=["SignOffApproved"])
    subject: str
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None
    queued_at: datetime
    attempted_at: datetime | None
    milliseconds: int | None
    status: int | None = Field(description="Status of the receiver's answer; null without one.", examples=[204])
    error: str | None = Field(examples=["no answer within 10 seconds"])
    response: str | None = Field(description="The first 200 characters of the receiver's answer; kept for 30 days.")


@router.get("", summary="List webhooks", response_model=Page[WebhookView])
async def get_webhooks(request: Request, actor: Admin, page: PageQuery) -> Response:
    """In the order in which they were added. Needs the role admin: an address may hold a secret of the receiver."""
    (after,) = page.after(LISTING, str) or ("",)
    webhooks = await list_webhooks(service_of(request).pool, after, page.limit + 1)
    return json_response(cut(webhooks, page, LISTING, key=lambda one: [one.webhook_id], item=rendered))


@router.get("/{webhook}", summary="Read a webhook", response_model=WebhookView)
async def get_webhook(request: Request, actor: Admin, webhook: WebhookPath) -> Response:
    """Needs the role admin."""
    view = await read_webhook(service_of(request).pool, webhook)
    if view is None:
        raise _unknown(webhook)
    return conditional_response(request, rendered(view), view.version)


@router.get("/{webhook}/deliveries", summary="List deliveries", response_model=Page[DeliveryView])
async def get_deliveries(
    request: Request,
    actor: Admin,
    page: PageQuery,
    webhook: WebhookPath,
    state: Annotated[DeliveryState | None, Query(description="Only those.")] = None,
) -> Response:
    """Of the last 30 days, the newest first. Needs the role admin."""
    pool = service_of(request).pool
    if await read_webhook(pool, webhook) is None:
        raise _unknown(webhook)
    before = page.after("deliveries", int)
    found = await list_deliveries(pool, webhook, before[0] if before else None, page.limit + 1, state)
    return json_response(cut(found, page, "deliveries", key=lambda one: [one.seq], item=rendered))


@router.post("", status_code=201, summary="Add a webhook", response_model=AddedWebhook)
async def post_webhook(request: Request, actor: CurrentActor, body: NewWebhook) -> Response:
    """Events of these types are sent to the address from now on, signed as Standard Webhooks says. Needs the role admin.

    The address must be one of a public host, unless the setting `PLACET_APPROVAL_WEBHOOK_NETWORKS` allows its network.
    """
    secret = _new_secret()
    command = AddWebhook(new_id(), body.url, body.types, secret, KNOWN_TYPES)
    response = await run_command(request, add_webhook, command, approval_of(request).receivers, present=_added)
    return _showing(secret, response)


@router.post("/{webhook}/rotate-secret", summary="Rotate a webhook's secret", response_model=RotatedSecret)
async def post_rotation(request: Request, actor: CurrentActor, webhook: WebhookPath) -> Response:
    """For 24 hours events carry a signature by each of the two secrets. Needs the role admin."""
    secret = _new_secret()
    response = await run_command(request, rotate_webhook_secret, RotateWebhookSecret(webhook, secret), present=_rotated)
    return _showing(secret, response)


@router.post("/{webhook}/disable", summary="Disable a webhook", response_model=ChangedWebhook)
async def post_disabling(request: Request, actor: CurrentActor, webhook: WebhookPath) -> Response:
    """Nothing is sent to it, and what happens meanwhile is not queued for it. Needs the role admin."""
    return await run_command(request, disable_webhook, DisableWebhook(webhook), present=CHANGED)


@router.post("/{webhook}/enable", summary="Enable a webhook", response_model=ChangedWebhook)
async def post_enabling(request: Request, actor: CurrentActor, webhook: WebhookPath) -> Response:
    """What still waits for it is sent at once. Needs the role admin."""
    return await run_command(request, enable_webhook, EnableWebhook(webhook), present=CHANGED)


@router.post("/{webhook}/ping", summary="Ping a webhook", response_model=ChangedWebhook)
async def post_ping(request: Request, actor: CurrentActor, webhook: WebhookPath) -> Response:
    """An event `WebhookPinged` is sent to it; what became of it stands among its deliveries. Needs the role admin."""
    return await run_command(request, ping_webhook, PingWebhook(webhook), present=CHANGED)


@router.post("/{webhook}/redeliver", summary="Deliver an event again", response_model=RequestedRedelivery)
async def post_redelivery(request: Request, actor: CurrentActor, webhook: WebhookPath, body: Redelivery) -> Response:
    """At once, whatever became of it before; for events of the last 30 days that were queued for it. Needs the role admin."""
    return await run_command(request, request_redelivery, RequestRedelivery(webhook, body.event_id), present=CHANGED)


def _new_secret() -> str:
    return secret_text(secrets.token_bytes(SECRET_BYTES))


def _added(result: Any) -> Answer:
    return _without_secret(answer(201, result, PLACE))


def _rotated(result: Any) -> Answer:
    return _without_secret(answer(200, result, PLACE))


def _without_secret(kept: Answer) -> Answer:
    """The answer that is stored under the idempotency key."""
    return replace(kept, body={**kept.body, "secret": None, "shown": "once"})


def _showing(secret: str, response: Response) -> Response:
    """The answer to this request, with the secret unless it is a stored answer."""
    if response.status_code >= 300 or "Idempotency-Replayed" in response.headers:
        return response
    headers = {name: value for name, value in response.headers.items() if name not in ("content-length", "content-type")}
    return json_response({**orjson.loads(response.body), "secret": secret}, response.status_code, headers)


def _unknown(webhook_id: str) -> NotFound:
    return NotFound(f"There is no webhook {webhook_id}.", code="webhook_not_found", resolve="GET /v1/webhooks lists the ids.")
