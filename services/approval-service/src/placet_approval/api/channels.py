"""`/v1/channels`: channels of Slack and Teams, where what waits for some roles or for a person is posted."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from placet_approval.api.parts import approval_of
from placet_approval.api.rendering import rendered
from placet_approval.commands.add_channel import AddChannel, add_channel
from placet_approval.commands.remove_channel import RemoveChannel, remove_channel
from placet_approval.commands.test_channel import TestChannel, test_channel
from placet_approval.domain.mail_times import MailTimes
from placet_approval.domain.roles import ROLE_LENGTH
from placet_approval.domain.webhook_address import URL_LENGTH
from placet_approval.queries.channels import list_channels, read_channel
from placet_shared.access import Actor, Roles
from placet_shared.errors import NotFound
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor, require
from placet_shared.service.presenting import answering
from placet_shared.service.running import service_of
from placet_shared.web.conditional import conditional_response
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut

__all__ = ["router"]

router = APIRouter(prefix="/v1/channels", tags=["channels"])

LISTING = "channels"
PLACE = "/v1/channels/{channel_id}"
ID = "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c14"
ChannelPath = Annotated[str, Path(max_length=100, description="Id of a channel.", examples=[ID])]
Admin = Annotated[Actor, Depends(require(Roles.ADMIN))]
Hour = Annotated[int, Field(ge=0, le=23)]
Kind = Annotated[Literal["slack", "teams"], Field(description="Slack: an incoming webhook. Teams: a Workflow that takes webhook requests.")]
Frequency = Annotated[Literal["at_once", "daily"], Field(description="At once, or once a day; for a person their own preferences say.")]
RoleList = Annotated[
    list[Annotated[str, Field(max_length=ROLE_LENGTH)]],
    Field(max_length=50, description="What waits for people with one of these roles is posted.", examples=[["risk-officer"]]),
]


class NewChannel(BaseModel):
    """Where to post, and what waits for whom."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    url: str = Field(
        max_length=URL_LENGTH,
        description="The address that Slack or Teams made, by https. It is a secret: no answer shows it.",
        examples=["https://hooks.slack.com/services/T000/B000/XXXX"],
    )
    roles: RoleList = []
    person: str | None = Field(
        None, max_length=100, description="Instead of roles: what waits for this person, by id or name.", examples=["carol"]
    )
    frequency: Frequency = "at_once"
    daily_at: Hour = Field(8, description="The hour of the daily post, in its time zone.", examples=[8])
    time_zone: str = Field("UTC", max_length=64, description="An IANA time zone.", examples=["Europe/Berlin"])
    quiet_from: Hour | None = Field(None, description="From this hour on nothing is posted …", examples=[19])
    quiet_until: Hour | None = Field(None, description="… until this one.", examples=[7])


class ChangedChannel(BaseModel):
    """The channel after the command."""

    channel_id: str = Field(description="Of the channel.", examples=[ID])
    kind: Kind
    host: str = Field(description="Of its address, which is not shown.", examples=["hooks.slack.com"])
    roles: RoleList
    person_id: str | None = Field(description="For whom it is; null when it is for roles.")
    removed: bool = Field(description="Whether nothing is posted there any more.")


class ChannelView(BaseModel):
    """One channel, and what became of the last post."""

    channel_id: str = Field(description="Of the channel.", examples=[ID])
    kind: Kind
    host: str = Field(description="Of its address, which is not shown.", examples=["hooks.slack.com"])
    roles: RoleList
    person_id: str | None = Field(description="For whom it is; null when it is for roles.")
    frequency: Frequency
    daily_at: int = Field(description="The hour of the daily post.")
    time_zone: str = Field(description="Of these hours.")
    quiet_from: int | None = Field(description="From this hour on nothing is posted.")
    quiet_until: int | None = Field(description="Until this one.")
    added_by: str = Field(description="Id of the person who added it.")
    added_at: datetime = Field(description="When it was added.")
    changed_at: datetime = Field(description="When it was added or tested last.")
    version: int = Field(description="Of its own stream: the ETag.")
    posted_at: datetime | None = Field(description="When something was posted there last; null before the first post.")
    status: int | None = Field(description="Status of the answer to it; null without one.", examples=[200])
    error: str | None = Field(description="What went wrong, or the beginning of what it answered.", examples=["no_service"])
    retry_at: datetime | None = Field(description="After a post that failed: the next is not before this time.")


@router.get("", summary="List channels", response_model=Page[ChannelView])
async def get_channels(request: Request, actor: Admin, page: PageQuery) -> Response:
    """In the order in which they were added. Needs the role admin."""
    (after,) = page.after(LISTING, str) or ("",)
    channels = await list_channels(service_of(request).pool, after, page.limit + 1)
    return json_response(cut(channels, page, LISTING, key=lambda one: [one.channel_id], item=rendered))


@router.get("/{channel}", summary="Read a channel", response_model=ChannelView)
async def get_channel(request: Request, actor: Admin, channel: ChannelPath) -> Response:
    """Needs the role admin."""
    view = await read_channel(service_of(request).pool, channel)
    if view is None:
        raise NotFound(f"There is no channel {channel}.", code="channel_not_found", resolve="GET /v1/channels lists the ids.")
    return conditional_response(request, rendered(view), view.version)


@router.post("", status_code=201, summary="Add a channel", response_model=ChangedChannel)
async def post_channel(request: Request, actor: CurrentActor, body: NewChannel) -> Response:
    """What waits is posted there, each sign-off once an occasion. Needs the role admin.

    The address must be one of a public host, unless the setting `PLACET_APPROVAL_WEBHOOK_NETWORKS` allows its network.
    """
    times = MailTimes(body.daily_at, body.time_zone, body.quiet_from, body.quiet_until)
    command = AddChannel(new_id(), body.kind, body.url, body.roles, body.person, body.frequency, times)
    return await run_command(request, add_channel, command, approval_of(request).receivers, present=answering(201, PLACE))


@router.post("/{channel}/test", summary="Test a channel", response_model=ChangedChannel)
async def post_channel_test(request: Request, actor: CurrentActor, channel: ChannelPath) -> Response:
    """A post that tells of nothing is sent within seconds; reading the channel says what became of it. Needs the role admin."""
    return await run_command(request, test_channel, TestChannel(channel), present=answering(200, PLACE))


@router.post("/{channel}/remove", summary="Remove a channel", response_model=ChangedChannel)
async def post_channel_removal(request: Request, actor: CurrentActor, channel: ChannelPath) -> Response:
    """Nothing is posted there any more, and its address is deleted. Needs the role admin."""
    return await run_command(request, remove_channel, RemoveChannel(channel), present=answering(200, PLACE))
