"""Disable a webhook: an admin's act, or what follows from a receiver's answer that it is gone; nothing is sent to it any more."""

from dataclasses import dataclass

from placet_approval.commands.changed_webhooks import ChangedWebhook, find_webhook
from placet_approval.domain.webhook import Webhook
from placet_shared.access import Roles, allowed
from placet_shared.event_store import EventStore, Metadata, UnitOfWork
from placet_shared.identifiers import new_id

__all__ = ["DisableWebhook", "disable_gone_webhook", "disable_webhook"]

SYSTEM = "system:approval"


@dataclass(frozen=True, slots=True)
class DisableWebhook:
    """By its id."""

    webhook_id: str


@allowed(Roles.ADMIN)
async def disable_webhook(command: DisableWebhook, uow: UnitOfWork) -> ChangedWebhook:
    """Events that happen while it is disabled are not queued for it; what was queued stays for as long as the queue keeps events."""
    webhook = await find_webhook(uow, command.webhook_id)
    webhook.disable("asked", await uow.now())
    uow.save(webhook, subject=webhook.webhook_id)
    return ChangedWebhook.of(webhook)


async def disable_gone(command: DisableWebhook, uow: UnitOfWork) -> None:
    """The receiver answered 410."""
    webhook = await uow.load(Webhook, command.webhook_id)
    if webhook is not None:
        webhook.disable("gone", await uow.now())
        uow.save(webhook, subject=webhook.webhook_id)


async def disable_gone_webhook(store: EventStore, webhook_id: str) -> None:
    """By the service itself."""
    await store.execute(disable_gone, DisableWebhook(webhook_id), metadata=Metadata(actor=SYSTEM, correlation=new_id()))
