"""Channels of Slack and Teams of approval-service, where people are told of what waits. All of it is for admins."""

from collections.abc import Sequence

from placet_client.answers.answer import Page
from placet_client.answers.channels import ChangedChannel, Channel
from placet_client.calls import Call, Flow
from placet_client.operations.paths import pages, quoted

SERVICE = "approval"


def channels(limit: int = 50) -> Flow[Page[Channel]]:
    """In the order in which they were added."""
    return pages(SERVICE, "/v1/channels", Page[Channel], limit)


def channel(channel_id: str) -> Call[Channel]:
    """Raises `Problem` with code channel_not_found."""
    return Call(SERVICE, "GET", f"/v1/channels/{quoted(channel_id)}", Channel)


def add_channel(
    kind: str,
    url: str,
    roles: Sequence[str] = (),
    *,
    person: str | None = None,
    frequency: str = "at_once",
    daily_at: int = 8,
    time_zone: str = "UTC",
    quiet_from: int | None = None,
    quiet_until: int | None = None,
) -> Call[ChangedChannel]:
    """For roles or for a person; `kind` is slack or teams, `frequency` at_once or daily. No answer shows the address again."""
    times = {"frequency": frequency, "daily_at": daily_at, "time_zone": time_zone, "quiet_from": quiet_from, "quiet_until": quiet_until}
    body = {"kind": kind, "url": url, "roles": list(roles), "person": person, **times}
    return Call(SERVICE, "POST", "/v1/channels", ChangedChannel, json=body)


def try_channel(channel_id: str) -> Call[ChangedChannel]:
    """A post that tells of nothing is sent within seconds."""
    return Call(SERVICE, "POST", f"/v1/channels/{quoted(channel_id)}/test", ChangedChannel, json={})


def remove_channel(channel_id: str) -> Call[ChangedChannel]:
    """Nothing is posted there any more, and its address is deleted."""
    return Call(SERVICE, "POST", f"/v1/channels/{quoted(channel_id)}/remove", ChangedChannel, json={})
