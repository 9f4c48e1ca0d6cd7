"""Channels of Slack and Teams, as approval-service answers."""

from datetime import datetime

from placet_client.answers.answer import Answer

__all__ = ["ChangedChannel", "Channel"]


class Channel(Answer, frozen=True, kw_only=True):
    """A channel that is told of what waits for `roles`, or for a person, with what became of the last post; none has its address."""

    channel_id: str
    kind: str
    host: str
    roles: tuple[str, ...] = ()
    person_id: str | None = None
    frequency: str
    daily_at: int
    time_zone: str
    quiet_from: int | None = None
    quiet_until: int | None = None
    added_by: str
    added_at: datetime
    changed_at: datetime
    version: int
    posted_at: datetime | None = None
    status: int | None = None
    error: str | None = None
    retry_at: datetime | None = None


class ChangedChannel(Answer, frozen=True, kw_only=True):
    """A channel after a command."""

    channel_id: str
    kind: str
    host: str
    roles: tuple[str, ...] = ()
    person_id: str | None = None
    removed: bool
