"""A span and a duration for each request, and where its trace comes from and goes to."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from opentelemetry.trace import SpanKind, StatusCode

from placet_shared.telemetry.spans import outgoing_traceparent
from placet_shared.web.exchange import exchange_of

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED, UNSAMPLED = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"

router = APIRouter()


@router.get("/traced/{name}")
async def traced(request: Request, name: str) -> dict[str, str]:
    return {"event": exchange_of(request).traceparent, "call": outgoing_traceparent()}


@pytest.fixture
def app(build_app: Callable[..., FastAPI]) -> FastAPI:
    return build_app(router)


async def ask(client: httpx.AsyncClient, given: str | None = None) -> dict[str, str]:
    answer = await client.get("/traced/some", headers={"traceparent": given} if given else {})
    body: dict[str, str] = answer.json()
    return body


async def test_span_of_a_request_follows_the_conventions(client: httpx.AsyncClient, recorded: Any) -> None:
    await ask(client, SAMPLED)
    (span,) = recorded()
    assert (span.name, span.kind) == ("GET /traced/{name}", SpanKind.SERVER)
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (TRACE, PARENT)
    assert dict(span.attributes) == {
        "http.request.method": "GET",
        "http.route": "/traced/{name}",
        "http.response.status_code": 200,
        "url.path": "/traced/some",
        "url.scheme": "http",
    }


async def test_request_goes_on_in_its_own_span(client: httpx.AsyncClient, recorded: Any) -> None:
    answer = await ask(client, SAMPLED)
    (span,) = recorded()
    assert answer["event"] == answer["call"] == f"00-{TRACE}-{span.context.span_id:016x}-{span.context.trace_flags:02x}"


async def test_caller_who_does_not_sample_leaves_no_span_and_their_trace_goes_through(client: httpx.AsyncClient, recorded: Any) -> None:
    assert (await ask(client, UNSAMPLED))["event"] == UNSAMPLED
    assert recorded() == []


@pytest.mark.parametrize("given", [SAMPLED, UNSAMPLED])
async def test_trace_goes_through_where_nothing_is_recorded(client: httpx.AsyncClient, given: str) -> None:
    assert (await ask(client, given))["event"] == given


@pytest.mark.parametrize("given", ["", "nonsense", f"00-{'0' * 32}-{PARENT}-01"])
async def test_trace_that_can_not_be_read_begins_anew(client: httpx.AsyncClient, recorded: Any, given: str) -> None:
    await ask(client, given)
    (span,) = recorded()
    assert span.parent is None


async def test_health_and_metrics_leave_no_span(client: httpx.AsyncClient, recorded: Any) -> None:
    for path in ("/health/live", "/health/ready", "/metrics"):
        await client.get(path, headers={"traceparent": SAMPLED})
    assert recorded() == []


async def test_unforeseen_error_is_an_error_of_the_span_and_a_wrong_question_is_none(client: httpx.AsyncClient, recorded: Any) -> None:
    await client.get("/raise/Bug")
    await client.get("/raise/NotFound")
    bug, not_found = recorded("GET /raise/{name}")
    assert (bug.status.status_code, bug.attributes["error.type"]) == (StatusCode.ERROR, "500")
    assert (not_found.status.status_code, not_found.attributes["http.response.status_code"]) == (StatusCode.UNSET, 404)


async def test_path_that_is_nowhere_has_no_route(client: httpx.AsyncClient, recorded: Any) -> None:
    await client.get("/nowhere/4711")
    (span,) = recorded()
    assert (span.name, span.attributes["http.route"]) == ("GET", "")
