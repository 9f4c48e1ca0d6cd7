"""From the request that changes something to the pipeline that waited for it: one trace, seen by a real collector."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from placet_shared.processes import SOURCES
from placet_shared.testing import eventually_blocking

from .traced import approving_while_a_pipeline_waits, metrics, names, new_trace, post, registering, sending_to, systems

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def running(collector: Any, install: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Everything, told to send to the collector at once."""
    with install(tmp_path_factory.mktemp("traced"), **sending_to(collector)) as running:
        yield running


def test_one_trace_from_the_request_to_the_pipeline_that_waited(running: Any, collector: Any, tmp_path: Path) -> None:
    assert systems(registering(running, collector, "traced")) == {"placet"}
    approving_while_a_pipeline_waits(running, collector, tmp_path / "awaited.onnx")


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
    expected = {(f"placet-{service}", "placet.store.queue.depth") for service in SOURCES}
    expected |= {("placet-audit", "placet.bus.lag"), ("placet-approval", "placet.bus.parked.events")}
    eventually_blocking(lambda: collector.metric_names() >= expected, state=collector.metric_names)
