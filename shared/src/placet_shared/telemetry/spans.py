"""The one place where a `traceparent` (W3C Trace Context) becomes the parent of a span, and a span a `traceparent`.

An event carries the `traceparent` of the span that appended it, so that the consumer that applies it continues the same trace.
Work that is not sampled makes no span: the flag is checked before anything is built.
"""

import re
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags

__all__ = [
    "TRACER",
    "UNRECORDED",
    "Attributes",
    "going_on",
    "is_sampled",
    "new_traceparent",
    "outgoing_traceparent",
    "parent_of",
    "parse_traceparent",
    "sampled_parent_of",
    "traceparent_of",
]

# A stand-in until the process has set a provider; without one its spans record nothing.
TRACER = trace.get_tracer("placet")

EMPTY = Context()
UNRECORDED: AbstractContextManager[Any] = nullcontext()
Attributes = Mapping[str, str | int]
GIVEN = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def parse_traceparent(header: str | None) -> str | None:
    """A caller's header in the form of version 00, or None when it is absent or malformed (section 3.2 of the Recommendation)."""
    match = GIVEN.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    version, trace, parent, flags, rest = match.groups()
    if version == "ff" or (version == "00" and rest) or not trace.strip("0") or not parent.strip("0"):
        return None
    return f"00-{trace}-{parent}-{flags}"


def is_sampled(traceparent: str | None) -> bool:
    """Whether the current trace is recorded."""
    return traceparent is not None and traceparent[-1:] in "13579bdf" and FORM.fullmatch(traceparent) is not None


def parent_of(traceparent: str | None) -> Context:
    """The context in which a span continues a trace; that of a new trace when there is none, or none that can be read."""
    form = FORM.fullmatch(traceparent) if traceparent else None
    if form is None:
        return EMPTY
    trace_id, span_id, flags = form.groups()
    there = SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))
    return trace.set_span_in_context(NonRecordingSpan(there), EMPTY)


def sampled_parent_of(traceparent: str | None) -> Context | None:
    """The same for work that is worth a span only when the trace is sampled; None when it is not."""
    return parent_of(traceparent) if is_sampled(traceparent) else None


def traceparent_of(span: Span) -> str:
    """The header, in the form of version 00, by which later spans continue from this span."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def going_on(name: str, traceparent: str | None, kind: SpanKind, attributes: Attributes) -> AbstractContextManager[Any]:
    """A span around a block that goes on with a sampled trace; nothing when there is none."""
    parent = sampled_parent_of(traceparent)
    return UNRECORDED if parent is None else TRACER.start_as_current_span(name, parent, kind, attributes)


def outgoing_traceparent() -> str:
    """For a call to another service: the `traceparent` of the current span, else one of a trace that is not sampled.

    Routine requests between services, such as for new events, would otherwise fill the collector with useless traces.
    """
    span = trace.get_current_span()
    return traceparent_of(span) if span.get_span_context().is_valid else new_traceparent()


def new_traceparent() -> str:
    """The beginning of a trace that is not sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
