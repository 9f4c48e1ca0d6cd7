"""What every service measures; a service has further instruments of its own. docs/observability.md is made from these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Instrument"]


@dataclass(frozen=True, slots=True)
class Instrument:
    """One measure by the conventions of OpenTelemetry; `attributes` have few values each, never ids. `buckets` are a histogram's bounds."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    unit: str
    meaning: str
    attributes: Sequence[str] = ()
    buckets: Sequence[float] | None = None


# The bounds that the semantic conventions give for this instrument.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
PIECES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

REQUESTS = Instrument(
    "http.server.request.duration",
    "histogram",
    "s",
    "How long requests took, whole streams and long-polls included; health and metrics are left out.",
    ("http.request.method", "http.route", "http.response.status_code"),
    SECONDS,
)
BATCH_SIZE = Instrument("placet.store.batch.size", "histogram", "{command}", "Commands that were committed together.", (), PIECES)
LOAD_SIZE = Instrument("placet.store.load.size", "histogram", "{load}", "Loads that were answered by one statement.", (), PIECES)
QUEUE_DEPTH = Instrument("placet.store.queue.depth", "gauge", "{command}", "Commands that wait for the writer; 4,096 are the most.")
FEED_WAITING = Instrument("placet.feed.waiting", "gauge", "{request}", "Readers of the feed that wait for the next event.")
BUS_LAG = Instrument(
    "placet.bus.lag", "gauge", "{event}", "Events of a source that have not had their effect here, of those it is known to have.",
    ("source", "consumer"),
)  # fmt: skip
BUS_DELAY = Instrument(
    "placet.bus.delay", "gauge", "s", "For how long a consumer has been behind; 0 when it is not.", ("source", "consumer")
)
BUS_SILENCE = Instrument(
    "placet.bus.silence", "gauge", "s", "How long ago a source last answered; up to 25 s are normal on a quiet day.", ("source", "consumer")
)
RELAY_LAG = Instrument("placet.relay.lag", "gauge", "{event}", "Events of this service that are not in its topic yet; only with Kafka.")
RELAY_DELAY = Instrument(
    "placet.relay.delay", "gauge", "s", "How long ago the oldest event was recorded that is not in the topic yet; 0 without one."
)
PARKED_EVENTS = Instrument("placet.bus.parked.events", "gauge", "{event}", "Events that are parked until they are repaired.", ("consumer",))
PARKED_SUBJECTS = Instrument(
    "placet.bus.parked.subjects", "gauge", "{subject}", "Subjects that these events touch, whose later events wait.", ("consumer",)
)
LOOP_FAILURES = Instrument(
    "placet.loop.failures", "gauge", "{failure}", "How often in a row a loop's work has failed; 0 while all goes well.", ("loop",)
)
LOOP_SILENCE = Instrument("placet.loop.silence", "gauge", "s", "For how long a loop has not done its work without a failure.", ("loop",))
