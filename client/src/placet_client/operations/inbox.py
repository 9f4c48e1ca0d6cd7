"""What waits for a person, as approval-service knows it, and how the person is told of it."""

from placet_client.answers.inbox import ChangedNotifications, Inbox, Notifications
from placet_client.calls import Call

__all__ = ["change_notifications", "inbox", "notifications"]

SERVICE = "approval"
PREFERENCES = "/v1/people/me/notifications"


def inbox(limit: int = 20, person: str | None = None) -> Call[Inbox]:
    """The token's holder's own; at most so many to sign, the most urgent first. Admins and auditors may read another `person`'s."""
    return Call(SERVICE, "GET", "/v1/inbox", Inbox, {"limit": limit, "person": person})


def notifications() -> Call[Notifications]:
    """How the token's holder is told."""
    return Call(SERVICE, "GET", PREFERENCES, Notifications)


def change_notifications(
    mail: str = "at_once", *, daily_at: int = 8, time_zone: str = "UTC", quiet_from: int | None = None, quiet_until: int | None = None
) -> Call[ChangedNotifications]:
    """All of it: what is not given becomes the default. `mail` is at_once, daily or off."""
    body = {"mail": mail, "daily_at": daily_at, "time_zone": time_zone, "quiet_from": quiet_from, "quiet_until": quiet_until}
    return Call(SERVICE, "PUT", PREFERENCES, ChangedNotifications, json=body)
