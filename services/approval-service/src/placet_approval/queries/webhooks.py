"""Views of webhooks and of what was delivered to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

__all__ = ["DeliveryState", "DeliveryView", "WebhookView", "list_deliveries", "list_webhooks", "read_webhook"]

DeliveryState = Literal["pending", "delivered", "parked"]

WEBHOOK = """
    select w.webhook_id, e.url, w.types, w.enabled, w.disabled_because, w.added_by, w.added_at, w.changed_at, w.version,
           case when e.previous_until > clock_timestamp() then e.previous_until end as previous_secret_until,
           (select count(*) from (select from webhook_deliveries d where d.webhook_id = w.webhook_id and d.state = 'pending' and d.holds
                                  limit 1000) s)
           + (select count(*) from (select from webhook_deliveries d where d.webhook_id = w.webhook_id and d.state = 'pending'
                                    and not d.holds limit 1000) s) as pending,
           (select count(*) from (select from webhook_deliveries d where d.webhook_id = w.webhook_id and d.state = 'parked'
                                  limit 1000) s) as parked
    from ({webhooks}) w left join lateral (select * from webhook_endpoints p where p.webhook_id = w.webhook_id limit 1) e on true
    order by w.webhook_id
"""
READ = WEBHOOK.format(webhooks="select * from webhooks where webhook_id = $1")
LIST = WEBHOOK.format(webhooks="select * from webhooks where webhook_id > $1 order by webhook_id limit $2")
DELIVERIES = """
    select d.seq, d.event_id::text, v.source, v.type, v.subject, d.state, d.attempts,
           case when d.state = 'pending' then d.next_attempt_at end as next_attempt_at, v.queued_at,
           a.attempted_at, a.milliseconds, a.status, a.error, a.response
    from ({deliveries}) d
    join lateral (select * from webhook_events e where e.event_id = d.event_id limit 1) v on true
    left join lateral (select * from webhook_attempts t where t.seq = d.seq order by t.attempted_at desc limit 1) a on true
    order by d.seq desc
"""
OF_WEBHOOK = """
    select * from webhook_deliveries where webhook_id = $1 and (webhook_id, seq) < ($1, $2) {state}
    order by webhook_id desc, seq desc limit $3
"""
BEYOND = 2**62


@dataclass(frozen=True, slots=True)
class WebhookView:
    """One webhook; `pending` and `parked` are counted up to some thousands."""

    webhook_id: str
    url: str | None
    types: Sequence[str]
    enabled: bool
    disabled_because: Literal["asked", "gone"] | None
    added_by: str
    added_at: datetime
    changed_at: datetime
    version: int
    previous_secret_until: datetime | None
    pending: int
    parked: int


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """An event for a webhook, and what became of the last attempt; `seq` orders deliveries by when they were queued."""

    seq: int
    event_id: str
    source: str
    type: str
    subject: str
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None
    queued_at: datetime
    attempted_at: datetime | None
    milliseconds: int | None
    status: int | None
    error: str | None
    response: str | None


async def read_webhook(connection: asyncpg.Pool, webhook_id: str) -> WebhookView | None:
    """By its id."""
    row = await connection.fetchrow(READ, webhook_id)
    return None if row is None else WebhookView(**row)


async def list_webhooks(connection: asyncpg.Pool, after: str, limit: int) -> Sequence[WebhookView]:
    """In the order in which they were added, from the one after id `after`."""
    return [WebhookView(**row) for row in await connection.fetch(LIST, after, limit)]


async def list_deliveries(
    connection: asyncpg.Pool, webhook_id: str, before: int | None, limit: int, state: DeliveryState | None
) -> Sequence[DeliveryView]:
    """The newest first, from the one before `before`."""
    args = [webhook_id, BEYOND if before is None else before, limit, *([state] if state else [])]
    some = OF_WEBHOOK.format(state="and state = $4" if state else "")
    return [DeliveryView(**row) for row in await connection.fetch(DELIVERIES.format(deliveries=some), *args)]
