"""`/v1/people/me/notifications`: how the holder of the token is told of what waits for them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from placet_approval.api.rendering import rendered
from placet_approval.commands.change_notifications import ChangeNotifications, change_notifications
from placet_approval.queries.notifications import read_notifications
from placet_shared.errors import Forbidden
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.running import service_of
from placet_shared.web.conditional import conditional_response

__all__ = ["router"]

router = APIRouter(prefix="/v1/people/me/notifications", tags=["people"])

Hour = Annotated[int, Field(ge=0, le=23)]


class Notifications(BaseModel):
    """When to send mail."""

    model_config = ConfigDict(extra="forbid")

    mail: Literal["at_once", "daily", "off"] = Field("at_once", description="`off` hides nothing: what waits stays in the inbox.")
    daily_at: Hour = Field(8, description="The hour of the daily mail, in your time zone.", examples=[8])
    time_zone: str = Field("UTC", max_length=64, description="An IANA time zone.", examples=["Europe/Berlin"])
    quiet_from: Hour | None = Field(None, description="From this hour on no mail is sent …", examples=[19])
    quiet_until: Hour | None = Field(None, description="… until this one.", examples=[7])


class ChangedNotifications(BaseModel):
    """The preferences after the command."""

    mail: Literal["at_once", "daily", "off"]
    daily_at: int
    time_zone: str
    quiet_from: int | None
    quiet_until: int | None


class NotificationsView(ChangedNotifications):
    """How you are told."""

    email: str | None = Field(description="Where mail is sent to; null: no address is known.", examples=["carol@example.org"])
    version: int


@router.get("", summary="Read how you are told", response_model=NotificationsView)
async def get_notifications(request: Request, actor: CurrentActor) -> Response:
    """By default mail is sent at once, to people whose address is known, where the installation has a mail server."""
    view = await read_notifications(service_of(request).pool, actor.id)
    if view is None:
        raise Forbidden("Only people are sent mail.", code="people_only", resolve="Ask with the token of a person.")
    return conditional_response(request, rendered(view), view.version)


@router.put("", summary="Change how you are told", response_model=ChangedNotifications)
async def put_notifications(request: Request, actor: CurrentActor, body: Notifications) -> Response:
    """All of it: what is not sent becomes the default. It decides nothing, and each change is an event."""
    return await run_command(request, change_notifications, ChangeNotifications(**body.model_dump()))
