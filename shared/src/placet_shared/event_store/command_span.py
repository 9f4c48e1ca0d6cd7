"""One span for each command, from its first load to its durable answer; the events it appends carry the span's `traceparent`."""

from contextlib import AbstractContextManager, nullcontext
from types import TracebackType

from msgspec.structs import replace
from opentelemetry import trace
from opentelemetry.context import attach, detach
from opentelemetry.trace import Span, SpanKind, StatusCode

from placet_shared.errors import PlacetError, Unavailable
from placet_shared.event_store.records import Committed, Metadata
from placet_shared.telemetry.spans import TRACER, sampled_parent_of, traceparent_of

__all__ = ["Spanned", "command_span"]


class Spanned:
    """A command's metadata as its events get them, and the span that its outcome is recorded on."""

    __slots__ = ("committed", "metadata")

    def __init__(self, metadata: Metadata) -> None:
        self.metadata = metadata
        self.committed: Committed | None = None


def command_span(source: str, action: str, metadata: Metadata) -> AbstractContextManager[Spanned]:
    """Within the span in which this runs, or else in the trace that the metadata name; none where neither is recorded."""
    parent = None
    if not trace.get_current_span().is_recording() and (parent := sampled_parent_of(metadata.traceparent)) is None:
        return nullcontext(Spanned(metadata))
    span = TRACER.start_span(f"append {source}", parent, SpanKind.PRODUCER)
    return _Recorded(span, action, metadata) if span.is_recording() else nullcontext(Spanned(metadata))


class _Recorded:
    """A span that is current within the block. A class, and attributes all at once: it is on the way of every command that is sampled."""

    __slots__ = ("_action", "_span", "_spanned", "_token")

    def __init__(self, span: Span, action: str, metadata: Metadata) -> None:
        self._span = span
        self._action = action
        self._spanned = Spanned(replace(metadata, traceparent=traceparent_of(span)))

    def __enter__(self) -> Spanned:
        self._token = attach(trace.set_span_in_context(self._span))
        return self._spanned

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        detach(self._token)
        attributes: dict[str, str | bool] = {"placet.action": self._action}
        committed = self._spanned.committed
        if committed is not None and committed.position is not None:
            attributes["placet.position"] = str(committed.position)
            if committed.replayed:
                attributes["placet.replayed"] = True
        elif isinstance(error, PlacetError) and not isinstance(error, Unavailable):
            attributes["placet.refusal"] = error.code  # an answer; only a failure on this side is an error
        elif error is not None:
            attributes["error.type"] = type(error).__qualname__
            self._span.set_status(StatusCode.ERROR)
        self._span.set_attributes(attributes)
        self._span.end()
