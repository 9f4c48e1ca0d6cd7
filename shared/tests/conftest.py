"""A process that records spans in memory: the provider is the process's one, so it is switched on for a test at a time."""

from collections.abc import Iterator, Sequence

import pytest
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes


class Switched(Sampler):
    """Does as `now` does."""

    now: Sampler = ALWAYS_OFF

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        return self.now.should_sample(parent_context, trace_id, name, kind, attributes, links)

    def get_description(self) -> str:
        return "switched"


SAMPLER = Switched()
EXPORTER = InMemorySpanExporter()


class Recorded:
    """The spans that have ended since the test began, in that order."""

    def __call__(self, name: str | None = None) -> list[ReadableSpan]:
        return [span for span in EXPORTER.get_finished_spans() if name in (None, span.name)]


@pytest.fixture(scope="session")
def provider() -> TracerProvider:
    provider = TracerProvider(sampler=SAMPLER, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(EXPORTER))
    trace.set_tracer_provider(provider)
    return provider


@pytest.fixture
def recorded(provider: TracerProvider) -> Iterator[Recorded]:
    """As it is by default: whatever the caller does not switch off is sampled."""
    EXPORTER.clear()
    SAMPLER.now = ParentBased(ALWAYS_ON)
    yield Recorded()
    SAMPLER.now = ALWAYS_OFF
