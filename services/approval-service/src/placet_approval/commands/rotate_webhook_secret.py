"""Rotate a webhook's secret: an admin's act; for a day what is sent is signed with the one before too."""

from dataclasses import dataclass

from placet_approval.commands.changed_webhooks import find_webhook
from placet_shared.access import Roles, allowed
from placet_shared.event_store import Statement, UnitOfWork

__all__ = ["RotateWebhookSecret", "RotatedWebhookSecret", "rotate_webhook_secret"]

ROTATE = """
    update webhook_endpoints
    set previous_secret = secret, previous_until = clock_timestamp() + interval '24 hours', secret = $2
    where webhook_id = $1 and secret <> $2
"""


@dataclass(frozen=True, slots=True)
class RotateWebhookSecret:
    """`secret` is the new one."""

    webhook_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class RotatedWebhookSecret:
    """Everything but the secret, which the caller made and shows once."""

    webhook_id: str
    revision: int


@allowed(Roles.ADMIN)
async def rotate_webhook_secret(command: RotateWebhookSecret, uow: UnitOfWork) -> RotatedWebhookSecret:
    """A further rotation within the day ends the validity of the secret before the last one at once."""
    webhook = await find_webhook(uow, command.webhook_id)
    webhook.rotate_secret(await uow.now())
    uow.save(webhook, subject=webhook.webhook_id)
    uow.write(Statement(ROTATE, (webhook.webhook_id, command.secret)))
    return RotatedWebhookSecret(webhook.webhook_id, webhook.version)
