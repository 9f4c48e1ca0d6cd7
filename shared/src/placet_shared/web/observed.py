"""A server span and a duration for each request, by the semantic conventions of HTTP: outside of everything else.

A caller's `traceparent` is the parent, and its flag decides on sampling; without one the service's own sampler does. When
nothing is recorded a valid `traceparent` goes through as it came. Requests for health and metrics leave no trace.
"""

import time
from collections.abc import Awaitable

from opentelemetry import trace
from opentelemetry.context import attach, detach
from opentelemetry.trace import Span, SpanKind, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from placet_shared.telemetry.meters import Record
from placet_shared.telemetry.spans import TRACER, new_traceparent, parent_of, traceparent_of
from placet_shared.web.traceparent import parse_traceparent

__all__ = ["Observed", "traceparent_in"]

_SCOPE_KEY = "placet.traceparent"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNTRACED = ("/health/", "/metrics")

Labels = dict[str, str | int]


def traceparent_in(scope: Scope) -> str:
    """The trace of this request, as later spans continue it."""
    traceparent: str = scope.get(_SCOPE_KEY) or new_traceparent()
    return traceparent


class Observed:
    """Pure ASGI; `record` takes seconds."""

    def __init__(self, app: ASGIApp, record: Record) -> None:
        self._app = app
        self._record = record
        self._labels: dict[tuple[str, str, int], Labels] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_UNTRACED):
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        given = _given(scope)
        span = TRACER.start_span(method, parent_of(given), SpanKind.SERVER)
        scope[_SCOPE_KEY] = _going_on(span, given)
        answered = _Answered(send)
        token = attach(trace.set_span_in_context(span))
        try:
            await self._app(scope, receive, answered)
        finally:
            detach(token)
            labels = self._labels_of(method, _route(scope), answered.status)
            self._record(time.perf_counter() - began, labels)
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


class _Answered:
    """`send`, and the status that went through it; 499 when the caller disconnected before there was one."""

    __slots__ = ("_send", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 499

    def __call__(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        return self._send(message)


def _given(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return parse_traceparent(value.decode("latin-1"))
    return None


def _going_on(span: Span, given: str | None) -> str:
    if span.is_recording():
        return traceparent_of(span)
    if given is not None:
        return given
    return traceparent_of(span) if span.get_span_context().is_valid else new_traceparent()


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
