"""From the request that changes something to the pipeline that waited for it: one trace, seen by a real collector."""

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

pytestmark = pytest.mark.postgres

TEST = ("--environment", "test")
WHY = "It holds on the December data."


def new_trace() -> tuple[str, str]:
    """A trace id, and the `traceparent` of a caller who samples it."""
    trace = secrets.token_hex(16)
    return trace, f"00-{trace}-{secrets.token_hex(8)}-01"


@pytest.fixture(scope="module")
def running(collector: Any, install: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Everything, told to send to the collector at once."""
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_METRIC_EXPORT_INTERVAL": "500"}
    with install(tmp_path_factory.mktemp("traced"), **told, NO_PROXY="127.0.0.1", no_proxy="127.0.0.1") as running:
        yield running


def post(running: Any, service: str, path: str, body: dict[str, Any], *, who: str, traceparent: str) -> Any:
    url = f"{getattr(running.addresses, service)}{path}"
    headers = {"Authorization": f"Bearer {running.token(who)}", "traceparent": traceparent}
    answer = httpx.post(url, json=body, headers=headers, trust_env=False, timeout=60)
    assert answer.is_success, answer.text
    return answer.json()


def names(spans: list[Any]) -> set[tuple[str, str]]:
    return {(span.service, span.name) for span in spans}


def one(spans: list[Any], service: str, name: str) -> Any:
    (found,) = [span for span in spans if (span.service, span.name) == (service, name)]
    return found


def test_one_trace_from_the_request_to_the_pipeline_that_waited(running: Any, collector: Any, tmp_path: Path) -> None:
    registering, registered_in = new_trace()
    post(running, "registry", "/v1/models", {"name": "traced"}, who="alice", traceparent=registered_in)
    expected = {
        ("placet-registry", "POST /v1/models"),
        ("placet-registry", "append registry"),
        ("placet-audit", "process registry"),
        ("placet-audit", "project views"),
        ("placet-approval", "process registry"),
    }
    spans = collector.spans_when(registering, lambda spans: names(spans) >= expected)
    request, append = one(spans, "placet-registry", "POST /v1/models"), one(spans, "placet-registry", "append registry")
    assert request.parent == registered_in.split("-")[2]
    assert append.parent == request.id
    effects = [span for span in spans if span.name in ("process registry", "project views")]
    assert {span.parent for span in effects} == {append.id}
    assert {span.attributes["messaging.system"] for span in effects if span.name == "process registry"} == {"placet"}
    assert request.attributes["http.route"] == "/v1/models"
    assert append.attributes["placet.action"] == "register_model"

    sign_off = a_pending_sign_off(running, tmp_path / "awaited.onnx")
    waiting = running.start_placet("ci", "wait", sign_off, "--timeout", 300, "--json")
    assert "is pending" in waiting.stderr.readline()
    until_somebody_waits(running)
    approving, approved_in = new_trace()
    post(running, "approval", f"/v1/sign-offs/{sign_off}/approve", {"rationale": WHY}, who="bob", traceparent=approved_in)
    out, err = waiting.communicate()
    assert (waiting.returncode, json.loads(out)["verdict"]) == (0, "approved"), err
    expected = {
        ("placet-approval", "POST /v1/sign-offs/{sign_off_id}/approve"),
        ("placet-approval", "append approval"),
        ("placet-audit", "process approval"),
        ("placet-audit", "project views"),
        ("placet-approval", "answer waiter"),
        ("placet-approval", "POST /v1/gate"),
    }
    spans = collector.spans_when(approving, lambda spans: names(spans) >= expected)
    answered = one(spans, "placet-approval", "answer waiter")
    (linked,) = answered.links
    (waited,) = [span for span in collector.spans_when(linked[0], bool) if span.id == linked[1]]
    assert waited.name == "GET /v1/sign-offs/{sign_off_id}/wait"
    assert linked[0] != approving


def until_somebody_waits(running: Any) -> None:
    """An approval that comes before the question is not what the question waited for."""
    until = time.monotonic() + 120
    while "placet_waiting_waiters 1.0" not in metrics(running, "approval"):
        assert time.monotonic() < until, metrics(running, "approval")
        time.sleep(0.05)


def metrics(running: Any, service: str) -> str:
    answer = httpx.get(f"{getattr(running.addresses, service)}/metrics", trust_env=False, timeout=60)
    assert answer.is_success
    return answer.text


def a_pending_sign_off(running: Any, artifact: Path) -> str:
    artifact.write_bytes(b"awaited")
    assert running.placet("alice", "register", "awaited", artifact).returncode == 0
    requested = running.placet("alice", "signoff", "request", "awaited", 1, *TEST, "--rationale", WHY)
    assert requested.returncode == 0, requested.stderr
    return str(requested.stdout.strip())


def test_caller_that_does_not_sample_leaves_no_span_and_keeps_its_trace(running: Any, collector: Any) -> None:
    trace, _ = new_trace()
    quiet = f"00-{trace}-{secrets.token_hex(8)}-00"
    post(running, "registry", "/v1/models", {"name": "quiet"}, who="alice", traceparent=quiet)
    loud, sampled = new_trace()
    post(running, "registry", "/v1/models", {"name": "loud"}, who="alice", traceparent=sampled)
    collector.spans_when(loud, lambda spans: ("placet-audit", "project views") in names(spans))
    assert collector.spans(trace) == []
    page = httpx.get(
        f"{running.addresses.registry}/v1/feed", headers={"Authorization": f"Bearer {running.token('erin')}"}, trust_env=False
    ).json()
    assert quiet in [event.get("traceparent") for event in page["events"]]


@pytest.mark.parametrize("service", ["registry", "verification", "approval", "audit"])
def test_everything_that_a_service_shows_prometheus_is_documented(running: Any, service: str) -> None:
    shown = {family.name for family in text_string_to_metric_families(metrics(running, service))}
    documented = (Path(__file__).resolve().parents[2] / "docs/observability.md").read_text()
    assert [name for name in shown if f"`{name}`" not in documented and f"`{name}_total`" not in documented] == []
    assert {"placet_store_queue_depth", "placet_bus_parked_events", "placet_feed_waiting"} <= shown


def test_measures_of_every_service_arrive(running: Any, collector: Any) -> None:
    expected = {(f"placet-{service}", "placet.store.queue.depth") for service in ("registry", "verification", "approval", "audit")}
    expected |= {("placet-audit", "placet.bus.lag"), ("placet-approval", "placet.bus.parked.events")}
    until = time.monotonic() + 120
    while not collector.metric_names() >= expected:
        assert time.monotonic() < until, collector.metric_names()
        time.sleep(0.2)
