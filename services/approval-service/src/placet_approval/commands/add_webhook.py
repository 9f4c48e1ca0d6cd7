"""Add a webhook: an admin's act, after which a system is sent the events of some types."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from placet_approval.domain.webhook import Webhook
from placet_approval.domain.webhook_address import webhook_address
from placet_approval.domain.webhook_types import event_types
from placet_approval.ports import Receivers
from placet_shared.access import Roles, allowed
from placet_shared.event_store import Statement, UnitOfWork

__all__ = ["AddWebhook", "AddedWebhook", "add_webhook"]

KEEP_ENDPOINT = "insert into webhook_endpoints (webhook_id, url, secret) values ($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class AddWebhook:
    """`secret` was made for it; `known_types` are those that are published."""

    webhook_id: str
    url: str
    types: Sequence[str]
    secret: str
    known_types: frozenset[str]


@dataclass(frozen=True, slots=True)
class AddedWebhook:
    """Everything but the secret, which the caller made and shows once."""

    webhook_id: str
    host: str
    types: Sequence[str]
    enabled: bool
    revision: int


@allowed(Roles.ADMIN)
async def add_webhook(command: AddWebhook, uow: UnitOfWork, receivers: Receivers) -> AddedWebhook:
    """Raises `Malformed` for types, and `Invalid` for an address that can't be used or does not resolve to one that may be reached."""
    types = event_types(command.types, command.known_types)
    address = webhook_address(command.url)
    await receivers.require_reachable(address)
    digest = hashlib.sha256(command.url.encode()).hexdigest()
    webhook = Webhook.add(command.webhook_id, address.host, digest, types, await uow.now())
    uow.save(webhook, subject=webhook.webhook_id)
    uow.write(Statement(KEEP_ENDPOINT, (webhook.webhook_id, command.url, command.secret)))
    return AddedWebhook(webhook.webhook_id, webhook.host, webhook.types, webhook.enabled, webhook.version)
