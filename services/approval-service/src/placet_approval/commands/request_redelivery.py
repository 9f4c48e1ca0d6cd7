"""Request a redelivery: an admin has an event sent to a webhook once more, whatever became of it before."""

from dataclasses import dataclass

from placet_approval.commands.changed_webhooks import find_webhook
from placet_shared.access import Roles, allowed
from placet_shared.errors import NotFound
from placet_shared.event_store import Statement, UnitOfWork

__all__ = ["RequestRedelivery", "RequestedRedelivery", "request_redelivery"]

QUEUED = "select 1 from webhook_deliveries where webhook_id = $1 and event_id = $2"
# By itself: what is sent a second time keeps no other waiting.
SEND_AGAIN = """
    update webhook_deliveries
    set state = 'pending', attempts = 0, holds = false, next_attempt_at = clock_timestamp(), changed_at = clock_timestamp()
    where webhook_id = $1 and event_id = $2
"""


@dataclass(frozen=True, slots=True)
class RequestRedelivery:
    """Of an event by its id, which is the `webhook-id` that it was sent with."""

    webhook_id: str
    event_id: str


@dataclass(frozen=True, slots=True)
class RequestedRedelivery:
    """It will be tried at once."""

    webhook_id: str
    event_id: str
    revision: int


@allowed(Roles.ADMIN)
async def request_redelivery(command: RequestRedelivery, uow: UnitOfWork) -> RequestedRedelivery:
    """Raises `NotFound` for an event that was not queued for it, or is no longer kept."""
    webhook = await find_webhook(uow, command.webhook_id)
    if not await uow.fetch(QUEUED, webhook.webhook_id, command.event_id):
        raise NotFound(
            "This event was not queued for this webhook within the last 30 days.",
            code="delivery_not_found",
            resolve=f"See what was: `placet webhooks deliveries {webhook.webhook_id}`.",
        )
    webhook.request_redelivery(command.event_id, await uow.now())
    uow.save(webhook, subject=webhook.webhook_id)
    uow.write(Statement(SEND_AGAIN, (webhook.webhook_id, command.event_id)))
    return RequestedRedelivery(webhook.webhook_id, command.event_id, webhook.version)
