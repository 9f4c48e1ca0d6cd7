"""Webhooks of approval-service: systems that are sent events. All of it is for admins."""

from collections.abc import Sequence

from placet_client.answers.answer import Page
from placet_client.answers.webhooks import AddedWebhook, ChangedWebhook, Delivery, RequestedRedelivery, RotatedSecret, Webhook
from placet_client.calls import Call, Flow
from placet_client.operations.paths import pages, quoted

SERVICE = "approval"


def webhooks(limit: int = 50) -> Flow[Page[Webhook]]:
    """In the order in which they were added."""
    return pages(SERVICE, "/v1/webhooks", Page[Webhook], limit)


def webhook(webhook_id: str) -> Call[Webhook]:
    """Raises `Problem` with code webhook_not_found."""
    return Call(SERVICE, "GET", f"/v1/webhooks/{quoted(webhook_id)}", Webhook)


def add_webhook(url: str, types: Sequence[str]) -> Call[AddedWebhook]:
    """The one answer that has the secret; `SignOff*` is every type that begins so, `*` every one."""
    return Call(SERVICE, "POST", "/v1/webhooks", AddedWebhook, json={"url": url, "types": list(types)})


def rotate_webhook_secret(webhook_id: str) -> Call[RotatedSecret]:
    """For a day events are signed with the secret before too."""
    return Call(SERVICE, "POST", f"/v1/webhooks/{quoted(webhook_id)}/rotate-secret", RotatedSecret, json={})


def disable_webhook(webhook_id: str) -> Call[ChangedWebhook]:
    """What happens meanwhile is not queued for it."""
    return Call(SERVICE, "POST", f"/v1/webhooks/{quoted(webhook_id)}/disable", ChangedWebhook, json={})


def enable_webhook(webhook_id: str) -> Call[ChangedWebhook]:
    """What still waits for it is sent at once."""
    return Call(SERVICE, "POST", f"/v1/webhooks/{quoted(webhook_id)}/enable", ChangedWebhook, json={})


def ping_webhook(webhook_id: str) -> Call[ChangedWebhook]:
    """Sends it an event of its own, which then stands among its deliveries."""
    return Call(SERVICE, "POST", f"/v1/webhooks/{quoted(webhook_id)}/ping", ChangedWebhook, json={})


def deliveries(webhook_id: str, limit: int = 50, state: str | None = None) -> Flow[Page[Delivery]]:
    """Of the last 30 days, the newest first; `state` is pending, delivered or parked."""
    return pages(SERVICE, f"/v1/webhooks/{quoted(webhook_id)}/deliveries", Page[Delivery], limit, state=state)


def redeliver(webhook_id: str, event_id: str) -> Call[RequestedRedelivery]:
    """At once, whatever became of it before."""
    return Call(SERVICE, "POST", f"/v1/webhooks/{quoted(webhook_id)}/redeliver", RequestedRedelivery, json={"event_id": event_id})
