"""Connects what a running service is made of with its instruments: store, feed and consumers, and what is the service's own."""

import time
from collections.abc import Callable, Iterable, Sequence

import asyncpg

from placet_shared.bus.consumer import Consumer
from placet_shared.bus.kafka import Relay
from placet_shared.bus.parking import count_parked
from placet_shared.event_store import EventStore
from placet_shared.service.running import Service
from placet_shared.telemetry import instruments
from placet_shared.telemetry.meters import Ask, Attributes, Meters

__all__ = ["measure"]


def measure(service: Service, meters: Meters) -> None:
    """The instruments of every service, and the service's own."""
    _measure_store(service.store, meters)
    meters.gauge(instruments.FEED_WAITING, lambda: [(service.feed.waiting, {})])
    if service.consumers:
        _measure_consumers(service.consumers, meters)
        _measure_parked(service.consumers, service.pool, meters)
    if service.base.relays:
        _measure_relays(service.base.relays, meters)
    meters.gauge(instruments.LOOP_FAILURES, lambda: [(loop.failures, {"loop": loop.name}) for loop in service.loops])
    meters.gauge(instruments.LOOP_SILENCE, lambda: [(loop.silence, {"loop": loop.name}) for loop in service.loops])
    service.measure(meters)


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
