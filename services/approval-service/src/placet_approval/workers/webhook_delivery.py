"""Delivers what is queued for webhooks: each receiver by itself, so that one that hangs keeps no other waiting.

A webhook's deliveries go one after the other; the lease on it in the database ends by itself if this process does. What was sent and not
yet noted when a process is killed is sent again, with the same `webhook-id`: at least once, never lost.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from operator import itemgetter

import asyncpg

from placet_approval.commands.disable_webhook import disable_gone_webhook
from placet_approval.domain.webhook_address import webhook_address
from placet_approval.domain.webhook_retries import Attempted, Outcome, outcome
from placet_approval.domain.webhook_signature import signed_headers
from placet_approval.ports import Receiver, Receivers
from placet_approval.workers.webhook_notes import WebhookNotes
from placet_shared.errors import PlacetError
from placet_shared.event_store import EventStore
from placet_shared.postgres.errors import DATABASE_ERRORS

__all__ = ["WebhookDelivery"]

logger = logging.getLogger(__name__)

# Receivers that are sent to at the same time, how many are begun with together, and so many deliveries of one are read together.
AT_ONCE = 1000
TOGETHER = 100
RUN = 20
# What was read of one is sent within this time, so that one that is disabled or has a new secret is not sent to as before for long.
RUN_SECONDS = 1.0
# A look at what is due takes the database some milliseconds: one for all runs that end within this time.
LOOK_AGAIN_SECONDS = 0.1
DUE = """
    select w.webhook_id from webhooks w join webhook_endpoints e using (webhook_id)
    where w.enabled and w.webhook_id <> all ($3::text[]) and (e.busy_until is null or e.busy_until < clock_timestamp()) and (
        (select d.next_attempt_at from webhook_deliveries d
         where d.webhook_id = w.webhook_id and d.state = 'pending' and d.holds order by d.seq limit 1) <= clock_timestamp()
        or (select min(d.next_attempt_at) from webhook_deliveries d
            where d.webhook_id = w.webhook_id and d.state = 'pending' and not d.holds) <= clock_timestamp())
    limit $1
"""
# In order, and those by themselves that the receiver refused; `l` is the receiver.
RUN_OF = """
    select l.webhook_id, l.url, l.secret, case when l.previous_until > clock_timestamp() then l.previous_secret end as previous_secret,
           n.seq, n.event_id::text, n.attempts, n.holds, n.next_attempt_at <= clock_timestamp() as is_due, v.payload
    from {leased} l cross join lateral (
        (select * from webhook_deliveries d where d.webhook_id = l.webhook_id and d.state = 'pending' and d.holds order by d.seq limit $2)
        union all
        (select * from webhook_deliveries d where d.webhook_id = l.webhook_id and d.state = 'pending' and not d.holds
           and d.next_attempt_at <= clock_timestamp() order by d.next_attempt_at limit $2)
    ) n
    join webhook_events v using (event_id)
    order by l.webhook_id, n.holds desc, case when n.holds then n.seq end, n.next_attempt_at
"""
# A lease is longer than an attempt may take, and renewed with each.
CLAIM = f"""
    with due as ({DUE}), leased as (
        update webhook_endpoints e set busy_until = clock_timestamp() + interval '30 seconds' from due
        where e.webhook_id = due.webhook_id and (e.busy_until is null or e.busy_until < clock_timestamp())
        returning e.*
    )
    {RUN_OF.format(leased="leased")}
"""
GO_ON = RUN_OF.format(leased="(select e.* from webhook_endpoints e join webhooks w using (webhook_id) where webhook_id = $1 and w.enabled)")


class WebhookDelivery:
    """`start_due` begins what is due; `more` is called when there may be more. `noted` counts what became of attempts."""

    def __init__(self, store: EventStore, pool: asyncpg.Pool, receivers: Receivers, more: Callable[[], None]) -> None:
        self._store = store
        self._pool = pool
        self._receivers = receivers
        self._more = more
        self._notes = WebhookNotes(pool)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._looks_again = False
        self.noted: Callable[[str], None] = lambda state: None

    async def start_due(self) -> None:
        """Without waiting for any of them."""
        while (places := AT_ONCE - len(self._running)) > 0:
            # On a busy machine a task may begin after its lease has ended, and this process still has it.
            rows = await self._pool.fetch(CLAIM, min(places, TOGETHER), RUN, list(self._running))
            for webhook_id, run in groupby(rows, key=itemgetter("webhook_id")):
                task = asyncio.create_task(self._deliver(webhook_id, list(run)), name=f"webhook {webhook_id}")
                self._running[webhook_id] = task
                task.add_done_callback(partial(self._ended, webhook_id))
            if not rows:
                return

    async def stop(self) -> None:
        """Cut off what is under way: it is sent again by the next process."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._notes.stop()

    def _ended(self, webhook_id: str, task: asyncio.Task[None]) -> None:
        if self._running.get(webhook_id) is task:
            del self._running[webhook_id]
        if not self._looks_again:
            self._looks_again = True
            asyncio.get_running_loop().call_later(LOOK_AGAIN_SECONDS, self._look_again)

    def _look_again(self) -> None:
        self._looks_again = False
        self._more()

    async def _deliver(self, webhook_id: str, run: Sequence[asyncpg.Record]) -> None:
        try:
            async with self._receivers.connected(webhook_address(run[0]["url"])) as receiver:
                size = RUN
                while run and (sent := await self._send(webhook_id, run, receiver)):
                    is_all = sent == len(run) < size
                    size = min(RUN, 2 * sent)  # a slow receiver is not read for what it is not sent
                    run = () if is_all else await self._pool.fetch(GO_ON, webhook_id, size)
            await asyncio.shield(self._notes.release(webhook_id))
        except (PlacetError, *DATABASE_ERRORS) as error:
            logger.warning("deliveries to webhook %s have to wait: %r", webhook_id, error)
        except Exception:
            logger.exception("deliveries to webhook %s have failed", webhook_id)

    async def _send(self, webhook_id: str, run: Sequence[asyncpg.Record], receiver: Receiver) -> int:
        """One after the other; how many were sent and are noted, 0 when the receiver is not there."""
        began, sent = time.monotonic(), 0
        written: asyncio.Future[None] | None = None
        in_order = is_there = True
        is_gone = False
        for row in run:
            in_order = in_order and (row["is_due"] or not row["holds"])
            if not in_order and row["holds"]:
                continue
            attempted, then = await self._attempt(row, receiver)
            written = self._notes.take(webhook_id, row["seq"], attempted, then)
            sent += 1
            in_order = in_order and not (then.state == "pending" and then.holds)
            is_gone = attempted.is_gone
            is_there = attempted.status is not None and not is_gone
            if not is_there or time.monotonic() - began > RUN_SECONDS:
                break
        if written:
            await asyncio.shield(written)
        if is_gone:
            await disable_gone_webhook(self._store, webhook_id)
        return sent if is_there else 0

    async def _attempt(self, row: asyncpg.Record, receiver: Receiver) -> tuple[Attempted, Outcome]:
        secrets = [secret for secret in (row["secret"], row["previous_secret"]) if secret]
        headers = signed_headers(row["event_id"], row["payload"], secrets, datetime.now(UTC))
        attempted = await receiver.send(headers, row["payload"])
        then = outcome(attempted, row["attempts"] + 1, row["holds"])
        self.noted("failed" if then.state == "pending" else then.state)
        return attempted, then
