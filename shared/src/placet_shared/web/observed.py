"""A server span and a duration for each request, by the semantic conventions of HTTP.

A caller's `traceparent` is the parent, and its flag decides on sampling; without one the service's own sampler does. When
nothing is recorded a valid `traceparent` goes through as it came. Requests for health and metrics leave no trace.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import attach, detach
from opentelemetry.trace import Span, SpanKind, StatusCode
from starlette.types import Scope

from placet_shared.telemetry.meters import Record
from placet_shared.telemetry.spans import TRACER, parent_of, parse_traceparent, traceparent_of
from placet_shared.web.exchange import Exchange

__all__ = ["Observed"]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNTRACED = ("/health/", "/metrics")

Labels = dict[str, str | int]


class Observed:
    """`record` takes seconds."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._labels: dict[tuple[str, str, int], Labels] = {}

    @contextmanager
    def observing(self, exchange: Exchange) -> Iterator[None]:
        """For the block in which the request is answered."""
        scope = exchange.scope
        if scope["path"].startswith(_UNTRACED):
            yield
            return
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        given = parse_traceparent(exchange.header(b"traceparent"))
        span = TRACER.start_span(method, parent_of(given), SpanKind.SERVER)
        _go_on(exchange, span, given)
        # Without a trace, calls to other services begin one of their own.
        token = attach(trace.set_span_in_context(span)) if span.get_span_context().is_valid else None
        try:
            yield
        finally:
            if token is not None:
                detach(token)
            labels = self._labels_of(method, _route(scope), exchange.status)
            self._record(exchange.seconds, labels)
            if span.is_recording():
                _describe(span, scope, labels)
                span.end()

    def _labels_of(self, method: str, route: str, status: int) -> Labels:
        """Made once for each combination, of which there are few: routes are templates."""
        key = (method, route, status)
        if (labels := self._labels.get(key)) is None:
            labels = {"http.request.method": method, "http.route": route, "http.response.status_code": status}
            self._labels[key] = labels
        return labels


def _go_on(exchange: Exchange, span: Span, given: str | None) -> None:
    """Name the trace that events and calls of this request continue, if there is one already."""
    if span.is_recording() or (given is None and span.get_span_context().is_valid):
        exchange.traceparent = traceparent_of(span)
    elif given is not None:
        exchange.traceparent = given


def _route(scope: Scope) -> str:
    """The route's template, never the path: empty where no route matched."""
    return str(getattr(scope.get("route"), "path", ""))


def _describe(span: Span, scope: Scope, labels: Labels) -> None:
    if labels["http.route"]:
        span.update_name(f"{labels['http.request.method']} {labels['http.route']}")
    span.set_attributes({**labels, "url.path": scope["path"], "url.scheme": scope["scheme"]})
    if int(labels["http.response.status_code"]) >= 500:
        span.set_attribute("error.type", str(labels["http.response.status_code"]))
        span.set_status(StatusCode.ERROR)
