"""What is done and seen in one trace, whatever brings the events: a model is registered, and what a pipeline waits for is approved."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from placet_shared.testing import eventually_blocking

TEST = ("--environment", "test")
WHY = "It holds on the December data."
WITHIN = 120.0


def sending_to(collector: Any) -> Mapping[str, str]:
    """What processes are told so that they send to it at once."""
    sent = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_METRIC_EXPORT_INTERVAL": "500"}
    return {**sent, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def new_trace() -> tuple[str, str]:
    """A trace id, and the `traceparent` of a caller who samples it."""
    trace = secrets.token_hex(16)
    return trace, f"00-{trace}-{secrets.token_hex(8)}-01"


def post(running: Any, service: str, path: str, body: dict[str, Any], *, who: str, traceparent: str) -> Any:
    url = f"{getattr(running.addresses, service)}{path}"
    headers = {"Authorization": f"Bearer {running.token(who)}", "traceparent": traceparent}
    answer = httpx.post(url, json=body, headers=headers, trust_env=False, verify=False, timeout=60)
    assert answer.is_success, answer.text
    return answer.json()


def metrics(running: Any, service: str) -> str:
    answer = httpx.get(f"{getattr(running.addresses, service)}/metrics", trust_env=False, verify=False, timeout=60)
    assert answer.is_success
    return answer.text


def names(spans: list[Any]) -> set[tuple[str, str]]:
    return {(span.service, span.name) for span in spans}


def one(spans: list[Any], service: str, name: str) -> Any:
    (found,) = [span for span in spans if (span.service, span.name) == (service, name)]
    return found


def systems(spans: list[Any]) -> set[str]:
    """What brought the events to those who processed them."""
    return {span.attributes["messaging.system"] for span in spans if span.name.startswith("process ")}


def registering(running: Any, collector: Any, model: str) -> list[Any]:
    """The spans of a registration up to its last effect, all in the caller's trace."""
    trace, traceparent = new_trace()
    post(running, "registry", "/v1/models", {"name": model}, who="alice", traceparent=traceparent)
    expected = {
        ("placet-registry", "POST /v1/models"),
        ("placet-registry", "append registry"),
        ("placet-audit", "process registry"),
        ("placet-audit", "project views"),
        ("placet-approval", "process registry"),
    }
    spans: list[Any] = collector.spans_when(trace, lambda spans: names(spans) >= expected)
    request, append = one(spans, "placet-registry", "POST /v1/models"), one(spans, "placet-registry", "append registry")
    assert request.parent == traceparent.split("-")[2]
    assert append.parent == request.id
    effects = [span for span in spans if span.name in ("process registry", "project views")]
    assert {span.parent for span in effects} == {append.id}
    assert request.attributes["http.route"] == "/v1/models"
    assert append.attributes["placet.action"] == "register_model"
    return spans


def approving_while_a_pipeline_waits(running: Any, collector: Any, artifact: Path) -> list[Any]:
    """The spans of an approval up to the gate that the pipeline then asks; the waiter's own trace is linked."""
    sign_off = _a_pending_sign_off(running, artifact)
    waiting = running.start_placet("ci", "wait", sign_off, "--timeout", 300, "--json")
    assert "is pending" in waiting.stderr.readline()
    _until_a_pipeline_waits(running)
    trace, traceparent = new_trace()
    post(running, "approval", f"/v1/sign-offs/{sign_off}/approve", {"rationale": WHY}, who="bob", traceparent=traceparent)
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
    spans: list[Any] = collector.spans_when(trace, lambda spans: names(spans) >= expected)
    (linked,) = one(spans, "placet-approval", "answer waiter").links
    (waited,) = [span for span in collector.spans_when(linked[0], bool) if span.id == linked[1]]
    assert waited.name == "GET /v1/sign-offs/{sign_off_id}/wait"
    assert linked[0] != trace
    return spans


def _a_pending_sign_off(running: Any, artifact: Path) -> str:
    artifact.write_bytes(b"awaited")
    assert running.placet("alice", "register", "awaited", artifact, "--trained-by", "alice").returncode == 0
    requested = running.placet("alice", "signoff", "request", "awaited", 1, *TEST, "--rationale", WHY)
    assert requested.returncode == 0, requested.stderr
    return str(requested.stdout.strip())


def _until_a_pipeline_waits(running: Any) -> None:
    """An approval that comes before the question is not what the question waited for."""
    eventually_blocking(lambda: "placet_waiting_waiters 1.0" in metrics(running, "approval"))
