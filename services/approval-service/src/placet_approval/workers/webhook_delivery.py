"""Delivers what is queued for webhooks: each receiver by itself, so that one that hangs keeps no other waiting.

A webhook's deliveries go one after the other; the lease on it in the database ends by itself if this process does. What was sent and not
yet noted when a process is killed is sent again, with the same `webhook-id`: at least once, never lost.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import asyncpg

from placet_approval.commands.disable_webhook import disable_gone_webhook
from placet_approval.domain.webhook_address import webhook_address
from placet_approval.domain.webhook_retries import Attempted, outcome
from placet_approval.domain.webhook_signature import signed_headers
from placet_approval.ports import Receiver, Receivers
from placet_shared.errors import PlacetError
from placet_shared.event_store import EventStore
from placet_shared.postgres.errors import DATABASE_ERRORS

__all__ = ["WebhookDelivery"]

logger = logging.getLogger(__name__)

# Receivers that are sent to at the same time.
AT_ONCE = 1000
# A look at what is due takes the database some milliseconds: one for all runs that end within this time.
LOOK_AGAIN_SECONDS = 0.1
DUE = """
    select w.webhook_id from webhooks w join webhook_endpoints e using (webhook_id)
    where w.enabled and (e.busy_until is null or e.busy_until < clock_timestamp()) and (
        (select d.next_attempt_at from webhook_deliveries d
         where d.webhook_id = w.webhook_id and d.state = 'pending' and d.holds order by d.seq limit 1) <= clock_timestamp()
        or (select min(d.next_attempt_at) from webhook_deliveries d
            where d.webhook_id = w.webhook_id and d.state = 'pending' and not d.holds) <= clock_timestamp())
    limit $1
"""
# Longer than an attempt may take, and renewed with each.
LEASE = """
    update webhook_endpoints set busy_until = clock_timestamp() + interval '30 seconds'
    where webhook_id = $1 and (busy_until is null or busy_until < clock_timestamp())
    returning url
"""
RELEASE = "update webhook_endpoints set busy_until = null where webhook_id = $1"
NEXT = """
    select n.seq, n.event_id::text, n.attempts, n.holds, v.payload, p.secret,
           case when p.previous_until > clock_timestamp() then p.previous_secret end as previous_secret
    from (
        (select * from webhook_deliveries where webhook_id = $1 and state = 'pending' and holds order by seq limit 1)
        union all
        (select * from webhook_deliveries where webhook_id = $1 and state = 'pending' and not holds order by next_attempt_at limit 1)
    ) n
    join webhook_events v using (event_id) join webhook_endpoints p using (webhook_id) join webhooks w using (webhook_id)
    where w.enabled and n.next_attempt_at <= clock_timestamp()
    order by n.holds desc limit 1
"""
NOTE = """
    with attempt as (
        insert into webhook_attempts (seq, milliseconds, status, error, response) values ($1, $2, $3, $4, $5)
    ), delivery as (
        update webhook_deliveries
        set state = $6, holds = $7, next_attempt_at = clock_timestamp() + $8, attempts = attempts + 1, changed_at = clock_timestamp()
        where seq = $1
    )
    update webhook_endpoints set busy_until = clock_timestamp() + interval '30 seconds' where webhook_id = $9
"""


class WebhookDelivery:
    """`start_due` begins what is due; `more` is called when there may be more. `noted` counts what became of attempts."""

    def __init__(self, store: EventStore, pool: asyncpg.Pool, receivers: Receivers, more: Callable[[], None]) -> None:
        self._store = store
        self._pool = pool
        self._receivers = receivers
        self._more = more
        self._running: dict[str, asyncio.Task[None]] = {}
        self._looks_again = False
        self.noted: Callable[[str], None] = lambda state: None

    async def start_due(self) -> None:
        """Without waiting for any of them."""
        if (places := AT_ONCE - len(self._running)) > 0:
            for row in await self._pool.fetch(DUE, places):
                if (webhook_id := row["webhook_id"]) not in self._running:
                    task = asyncio.create_task(self._deliver(webhook_id), name=f"webhook {webhook_id}")
                    self._running[webhook_id] = task
                    task.add_done_callback(partial(self._ended, webhook_id))

    async def stop(self) -> None:
        """Cut off what is under way: it is sent again by the next process."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, webhook_id: str, _: asyncio.Task[None]) -> None:
        self._running.pop(webhook_id, None)
        if not self._looks_again:
            self._looks_again = True
            asyncio.get_running_loop().call_later(LOOK_AGAIN_SECONDS, self._look_again)

    def _look_again(self) -> None:
        self._looks_again = False
        self._more()

    async def _deliver(self, webhook_id: str) -> None:
        try:
            url = await self._pool.fetchval(LEASE, webhook_id)
            if url is not None:
                async with self._receivers.connected(webhook_address(url)) as receiver:
                    while await self._deliver_next(webhook_id, receiver):
                        pass
                await self._pool.execute(RELEASE, webhook_id)
        except (PlacetError, *DATABASE_ERRORS) as error:
            logger.warning("deliveries to webhook %s have to wait: %r", webhook_id, error)
        except Exception:
            logger.exception("deliveries to webhook %s have failed", webhook_id)

    async def _deliver_next(self, webhook_id: str, receiver: Receiver) -> bool:
        """Whether there was one, and the receiver is there."""
        row = await self._pool.fetchrow(NEXT, webhook_id)
        if row is None:
            return False
        secrets = [secret for secret in (row["secret"], row["previous_secret"]) if secret]
        headers = signed_headers(row["event_id"], row["payload"], secrets, datetime.now(UTC))
        attempted = await receiver.send(headers, row["payload"])
        await self._note(webhook_id, row, attempted)
        if attempted.is_gone:
            await disable_gone_webhook(self._store, webhook_id)
        return attempted.status is not None and not attempted.is_gone

    async def _note(self, webhook_id: str, row: asyncpg.Record, attempted: Attempted) -> None:
        then = outcome(attempted, row["attempts"] + 1, row["holds"])
        what = (attempted.milliseconds, attempted.status, attempted.error, attempted.response)
        await self._pool.execute(NOTE, row["seq"], *what, then.state, then.holds, then.pause, webhook_id)
        self.noted("failed" if then.state == "pending" else then.state)
