"""One span a command, from its first load to its durable answer; the events it appends carry this span's `traceparent`."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode

from placet_shared.errors import PlacetError, Unavailable
from placet_shared.event_store.records import Committed, Metadata
from placet_shared.telemetry.spans import TRACER, sampled_parent_of, traceparent_of

__all__ = ["Spanned", "command_span"]


@dataclass(frozen=True, slots=True)
class Spanned:
    """A command's metadata as its events get them, and its span where it is recorded."""

    metadata: Metadata
    span: Span | None = None

    def describe(self, committed: Committed) -> None:
        """What became of it."""
        if self.span is not None and committed.position is not None:
            self.span.set_attribute("placet.position", str(committed.position))
            if committed.replayed:
                self.span.set_attribute("placet.replayed", True)


def command_span(source: str, action: str, metadata: Metadata) -> AbstractContextManager[Spanned]:
    """Within the span in which this runs, or else in the trace that the metadata name; none where neither is recorded."""
    parent = None
    if not trace.get_current_span().is_recording() and (parent := sampled_parent_of(metadata.traceparent)) is None:
        return nullcontext(Spanned(metadata))
    span = TRACER.start_span(f"append {source}", parent, SpanKind.PRODUCER)
    return _recorded(span, source, action, metadata) if span.is_recording() else nullcontext(Spanned(metadata))


@contextmanager
def _recorded(span: Span, source: str, action: str, metadata: Metadata) -> Iterator[Spanned]:
    span.set_attributes(
        {
            "db.system.name": "postgresql",
            "messaging.destination.name": source,
            "messaging.operation.type": "create",
            "placet.action": action,
        }
    )
    with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield Spanned(replace(metadata, traceparent=traceparent_of(span)), span)
        except Exception as error:
            _tell(span, error)
            raise


def _tell(span: Span, error: Exception) -> None:
    """A refusal is an answer; only what the caller is not to blame for is an error."""
    if isinstance(error, PlacetError) and not isinstance(error, Unavailable):
        span.set_attribute("placet.refusal", error.code)
    else:
        span.set_attribute("error.type", type(error).__qualname__)
        span.set_status(StatusCode.ERROR)
