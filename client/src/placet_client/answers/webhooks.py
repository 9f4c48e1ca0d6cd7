"""Webhooks and deliveries, as approval-service answers."""

from datetime import datetime

from placet_client.answers.answer import Answer

__all__ = ["AddedWebhook", "ChangedWebhook", "Delivery", "RequestedRedelivery", "RotatedSecret", "Webhook"]


class Webhook(Answer, frozen=True, kw_only=True):
    """A system that is sent events; `pending` and `parked` are counted up to some thousands."""

    webhook_id: str
    url: str | None = None
    types: tuple[str, ...] = ()
    enabled: bool
    disabled_because: str | None = None
    added_by: str
    added_at: datetime
    changed_at: datetime
    version: int
    previous_secret_until: datetime | None = None
    pending: int
    parked: int


class ChangedWebhook(Answer, frozen=True, kw_only=True):
    """A webhook after a command."""

    webhook_id: str
    host: str
    types: tuple[str, ...] = ()
    enabled: bool


class AddedWebhook(ChangedWebhook, frozen=True, kw_only=True):
    """The one answer that has its secret; None when the answer was lost on the way."""

    secret: str | None = None
    shown: str


class RotatedSecret(Answer, frozen=True, kw_only=True):
    """The one answer that has the new secret; None when the answer was lost on the way."""

    webhook_id: str
    secret: str | None = None
    shown: str


class Delivery(Answer, frozen=True, kw_only=True):
    """An event for a webhook, and the last attempt to deliver it."""

    seq: int
    event_id: str
    source: str
    type: str
    subject: str
    state: str
    attempts: int
    next_attempt_at: datetime | None = None
    queued_at: datetime
    attempted_at: datetime | None = None
    milliseconds: int | None = None
    status: int | None = None
    error: str | None = None
    response: str | None = None


class RequestedRedelivery(Answer, frozen=True, kw_only=True):
    """An event that is sent again at once."""

    webhook_id: str
    event_id: str
