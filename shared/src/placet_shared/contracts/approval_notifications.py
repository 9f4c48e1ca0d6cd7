"""Events about how people want to be told: the `data` that approval-service publishes, by event type. The subject is the person."""

from typing import Annotated, Literal

from pydantic import Field

from placet_shared.contracts import EventData

__all__ = ["NOTIFICATION_EVENTS", "NotificationPreferencesChanged"]

Hour = Annotated[int, Field(ge=0, le=23)]


class NotificationPreferencesChanged(EventData):
    """The person wants mail of what waits for them `at_once`, `daily` at an hour or not at all (`off`).

    Hours are those of the time zone (IANA). From `quiet_from` to `quiet_until` no mail is sent; both are null for no quiet hours.
    """

    person_id: str
    mail: Literal["at_once", "daily", "off"]
    daily_at: Hour
    time_zone: str
    quiet_from: Hour | None
    quiet_until: Hour | None


NOTIFICATION_EVENTS: dict[str, type[EventData]] = {NotificationPreferencesChanged.__name__: NotificationPreferencesChanged}
