"""Ping a webhook: an admin's act, whose own event is sent to it."""

from dataclasses import dataclass

from placet_approval.commands.changed_webhooks import ChangedWebhook, find_webhook
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["PingWebhook", "ping_webhook"]


@dataclass(frozen=True, slots=True)
class PingWebhook:
    """By its id."""

    webhook_id: str


@allowed(Roles.ADMIN)
async def ping_webhook(command: PingWebhook, uow: UnitOfWork) -> ChangedWebhook:
    """What became of it stands among its deliveries. Raises `Conflict` for one that is disabled."""
    webhook = await find_webhook(uow, command.webhook_id)
    webhook.ping(await uow.now())
    uow.save(webhook, subject=webhook.webhook_id)
    return ChangedWebhook.of(webhook)
