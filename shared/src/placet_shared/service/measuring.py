"""Connects what a running service is made of with its instruments: store, feed and consumers, and what is the service's own."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import asyncpg

from placet_shared.bus.consumer import Consumer
from placet_shared.bus.feed import Feed
from placet_shared.bus.kafka import Relay
from placet_shared.bus.parking import count_parked
from placet_shared.event_store import EventStore
from placet_shared.telemetry import instruments
from placet_shared.telemetry.meters import Ask, Attributes, Meters

__all__ = ["measure"]


def measure(services: Any, meters: Meters) -> None:
    """Of the object at `app.state.placet`, whatever it has of these."""
    if isinstance(store := getattr(services, "store", None), EventStore):
        _measure_store(store, meters)
    if isinstance(feed := getattr(services, "feed", None), Feed):
        meters.gauge(instruments.FEED_WAITING, lambda: [(feed.waiting, {})])
    if consumers := consumers_of(services):
        _measure_consumers(consumers, meters)
        _measure_parked(consumers, services.store.pool, meters)
    if relays := getattr(services, "relays", ()):
        _measure_relays(relays, meters)
    if own := getattr(services, "measured", None):
        own(meters)


def consumers_of(services: Any) -> Sequence[Consumer]:
    """All of them where the service names them, else those that `Placet-Seen` waits for."""
    seen_gate = getattr(services, "seen_gate", None)
    return getattr(services, "consumers", None) or getattr(seen_gate, "consumers", None) or ()


def _measure_store(store: EventStore, meters: Meters) -> None:
    batches, loads = meters.histogram(instruments.BATCH_SIZE), meters.histogram(instruments.LOAD_SIZE)
    store.writer.on_batch = lambda size: batches(size, {})
    store.loader.on_batch = lambda size: loads(size, {})
    meters.gauge(instruments.QUEUE_DEPTH, lambda: [(store.writer.waiting, {})])


def _measure_consumers(consumers: Sequence[Consumer], meters: Meters) -> None:
    def of_each(value: Callable[[Consumer], float | None]) -> Iterable[tuple[float, Attributes]]:
        for consumer in consumers:
            if (known := value(consumer)) is not None:
                yield known, {"source": consumer.source.name, "consumer": consumer.name}

    meters.gauge(instruments.BUS_LAG, lambda: of_each(lambda one: one.progress.lag))
    meters.gauge(instruments.BUS_DELAY, lambda: of_each(lambda one: one.progress.delay(time.time())))
    meters.gauge(instruments.BUS_SILENCE, lambda: of_each(lambda one: one.progress.silence(time.time())))


def _measure_parked(consumers: Sequence[Consumer], pool: asyncpg.Pool, meters: Meters) -> None:
    def of_each(part: int) -> Ask:
        async def ask() -> Iterable[tuple[float, Attributes]]:
            parked = await count_parked(pool)
            return [(parked.get(consumer.name, (0, 0))[part], {"consumer": consumer.name}) for consumer in consumers]

        return ask

    meters.asked(instruments.PARKED_EVENTS, of_each(0))
    meters.asked(instruments.PARKED_SUBJECTS, of_each(1))


def _measure_relays(relays: Sequence[Relay], meters: Meters) -> None:
    async def events() -> Iterable[tuple[float, Attributes]]:
        return [((await relay.backlog()).events, {}) for relay in relays]

    async def seconds() -> Iterable[tuple[float, Attributes]]:
        return [((await relay.backlog()).seconds, {}) for relay in relays]

    meters.asked(instruments.RELAY_LAG, events)
    meters.asked(instruments.RELAY_DELAY, seconds)
