"""Enable a webhook: an admin's act, after which it is sent events again."""

from dataclasses import dataclass

from placet_approval.commands.changed_webhooks import ChangedWebhook, find_webhook
from placet_shared.access import Roles, allowed
from placet_shared.event_store import Statement, UnitOfWork

__all__ = ["EnableWebhook", "enable_webhook"]

SEND_NOW = "update webhook_deliveries set next_attempt_at = clock_timestamp() where webhook_id = $1 and state = 'pending'"


@dataclass(frozen=True, slots=True)
class EnableWebhook:
    """By its id."""

    webhook_id: str


@allowed(Roles.ADMIN)
async def enable_webhook(command: EnableWebhook, uow: UnitOfWork) -> ChangedWebhook:
    """What was queued before it was disabled is sent first, at once."""
    webhook = await find_webhook(uow, command.webhook_id)
    webhook.enable(await uow.now())
    uow.write(Statement(SEND_NOW, (webhook.webhook_id,)))
    uow.save(webhook, subject=webhook.webhook_id)
    return ChangedWebhook.of(webhook)
