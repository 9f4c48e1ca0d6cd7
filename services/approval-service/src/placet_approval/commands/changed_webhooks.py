"""The webhook of a command, and as it is after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from placet_approval.domain.webhook import Webhook
from placet_shared.event_store import UnitOfWork

__all__ = ["ChangedWebhook", "find_webhook"]


@dataclass(frozen=True, slots=True)
class ChangedWebhook:
    """The webhook after the command."""

    webhook_id: str
    host: str
    types: Sequence[str]
    enabled: bool
    revision: int

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        """As it is now."""
        return cls(webhook.webhook_id, webhook.host, webhook.types, webhook.enabled, webhook.version)


async def find_webhook(uow: UnitOfWork, webhook_id: str) -> Webhook:
    """Raises `NotFound`; holds the command to its `If-Match`."""
    webhook = await uow.get(Webhook, webhook_id, what="webhook")
    uow.about(webhook.webhook_id)
    uow.expect(webhook)
    return webhook
