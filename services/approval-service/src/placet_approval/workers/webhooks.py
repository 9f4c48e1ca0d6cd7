"""Webhooks: one process at a time queues what they are to be sent, and sends it."""

import time

import asyncpg

from placet_approval.ports import Receivers
from placet_approval.workers.webhook_delivery import WebhookDelivery
from placet_approval.workers.webhook_queue import WebhookQueue
from placet_shared.event_store import EventStore
from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.meters import Meters
from placet_shared.workers import Leading, Loop

__all__ = ["DELIVERIES", "Webhooks"]

LOOK_EVERY_SECONDS = 1.0
FORGET_EVERY_SECONDS = 3600.0
DELIVERIES = Instrument(
    "placet.webhooks.deliveries", "counter", "{delivery}",
    "Attempts to deliver an event to a webhook: `delivered`, `failed` and to be tried again, or `parked`.", ("state",),
)  # fmt: skip


class Webhooks:
    """Its `loop` ends with the process; `stop` cuts off what is under way then."""

    def __init__(self, store: EventStore, pool: asyncpg.Pool, queue: WebhookQueue, receivers: Receivers) -> None:
        leading = Leading(store.url, store.schema, store.source, "webhooks")
        self.loop = Loop("webhooks", self.work, every_seconds=LOOK_EVERY_SECONDS, leading=leading)
        self._queue = queue
        self._delivery = WebhookDelivery(store, pool, receivers, self.loop.wake)
        self._forgot_at = -FORGET_EVERY_SECONDS

    async def work(self) -> None:
        """Queue what is new, and begin what is due, though a source does not answer."""
        try:
            await self._queue.fill()
        finally:
            await self._delivery.start_due()
        if time.monotonic() - self._forgot_at >= FORGET_EVERY_SECONDS:
            await self.forget()
            self._forgot_at = time.monotonic()

    async def forget(self) -> None:
        """What is older than the queue keeps."""
        await self._queue.forget()

    async def stop(self) -> None:
        """What is under way is sent again by the next process."""
        await self._delivery.stop()

    def measure(self, meters: Meters) -> None:
        """Count what became of attempts."""
        record = meters.counter(DELIVERIES)
        self._delivery.noted = lambda state: record(1, {"state": state})
