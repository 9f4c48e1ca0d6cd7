"""The instruments of one application: read by Prometheus at `/metrics`, and sent by OTLP when an endpoint is set.

Each application has its own and nothing is registered globally, so that several may live in one process.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from prometheus_client import CollectorRegistry, generate_latest

from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.setup import endpoint_of, resource_of

__all__ = ["Ask", "Attributes", "Meters", "Observe", "Record"]

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
LOOKS_AT_ONCE = 2
LOOK_EVERY_SECONDS = 15.0

Attributes = Mapping[str, str | int]
Record = Callable[[float, Attributes], None]
Observe = Callable[[], Iterable[tuple[float, Attributes]]]
Ask = Callable[[], Awaitable[Iterable[tuple[float, Attributes]]]]
Look = Callable[[], Awaitable[None]]


class Meters:
    """`service` is the name under which they are sent; `close` after use."""

    def __init__(self, service: str) -> None:
        self._registry = CollectorRegistry()
        self._looks: list[Look] = []
        self._looking = asyncio.Lock()
        self._looked_at = 0.0
        readers: list[MetricReader] = [PrometheusMetricReader(disable_target_info=True, scope_info_enabled=False, registry=self._registry)]
        self.are_sent = endpoint_of("metrics") is not None
        if self.are_sent:
            from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # most installations do without

            readers.append(PeriodicExportingMetricReader(OTLPMetricExporter()))
        self._provider = MeterProvider(readers, resource_of(service), exemplar_filter=AlwaysOffExemplarFilter(), shutdown_on_exit=False)
        self._meter = self._provider.get_meter("placet")

    def histogram(self, instrument: Instrument) -> Record:
        """Gives what records one value."""
        made = self._meter.create_histogram(
            instrument.name, instrument.unit, instrument.meaning, explicit_bucket_boundaries_advisory=instrument.buckets
        )
        return made.record

    def counter(self, instrument: Instrument) -> Record:
        """Gives what adds to the count."""
        return self._meter.create_counter(instrument.name, instrument.unit, instrument.meaning).add

    def gauge(self, instrument: Instrument, observe: Observe) -> None:
        """`observe` is called at each reading, maybe by another thread: it reads memory and never waits."""

        def observed(options: CallbackOptions) -> Iterable[Observation]:
            return [Observation(value, attributes) for value, attributes in observe()]

        self._meter.create_observable_gauge(instrument.name, [observed], instrument.unit, instrument.meaning)

    def asked(self, instrument: Instrument, ask: Ask) -> None:
        """A gauge whose value is a query to the database; when that does not answer the gauge shows the last value."""
        known: list[tuple[float, Attributes]] = []

        async def look() -> None:
            known[:] = await ask()

        self._looks.append(look)
        self.gauge(instrument, lambda: list(known))

    async def look(self) -> None:
        """Run the queries of all such gauges, each for at most some seconds; calls that wait for one another share the answer.

        `/metrics` needs no token, and a flood of requests must not keep the service's connections to its database busy.
        """
        asked_at = time.monotonic()
        async with self._looking:
            if self._looked_at > asked_at:
                return
            began = time.monotonic()
            places = asyncio.Semaphore(LOOKS_AT_ONCE)
            for answer in await asyncio.gather(*[_in_time(look, places) for look in self._looks], return_exceptions=True):
                if isinstance(answer, Exception):
                    logger.info("a measure is not up to date: %r", answer)
            self._looked_at = began

    async def keep_looking(self) -> None:
        """For ever, where only an exporter's own clock reads the gauges."""
        while self.are_sent:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def exposition(self) -> bytes:
        """All of it in Prometheus' text format 0.0.4."""
        return generate_latest(self._registry)

    def close(self) -> None:
        """Send a last time, if an endpoint is set; blocks for some seconds when the collector does not answer."""
        self._provider.shutdown(timeout_millis=3000)


async def _in_time(look: Look, places: asyncio.Semaphore) -> None:
    async with places, asyncio.timeout(LOOK_SECONDS):
        await look()
