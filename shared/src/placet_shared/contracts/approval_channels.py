"""Events about channels of Slack and Teams, where people are told of what waits: the `data` that approval-service publishes.

The subject of each is the channel. Its address stands in no event: who has it may post there.
"""

from typing import Annotated, Literal

from pydantic import Field

from placet_shared.contracts import EventData

__all__ = ["CHANNEL_EVENTS", "ChannelAdded", "ChannelRemoved", "ChannelTested"]

Hour = Annotated[int, Field(ge=0, le=23)]


class ChannelAdded(EventData):
    """What waits for people with these roles, or for this person, is posted to an address of this host; `url_sha256` is of all of it.

    At once or daily, but not in quiet hours, in this time zone; for a person their own preferences say when.
    """

    channel_id: str
    kind: Literal["slack", "teams"]
    host: str
    url_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    roles: list[str]
    person_id: str | None
    frequency: Literal["at_once", "daily"]
    daily_at: Hour
    time_zone: str
    quiet_from: Hour | None
    quiet_until: Hour | None


class ChannelTested(EventData):
    """A post that tells of nothing is sent there."""

    channel_id: str


class ChannelRemoved(EventData):
    """Nothing is posted there any more; the address is deleted."""

    channel_id: str


CHANNEL_EVENTS: dict[str, type[EventData]] = {model.__name__: model for model in (ChannelAdded, ChannelTested, ChannelRemoved)}
