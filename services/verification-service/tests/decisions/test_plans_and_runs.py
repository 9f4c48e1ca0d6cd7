"""Decisions: given these events, when this command, then these events or this error."""

from datetime import UTC, datetime
from typing import Any

import pytest

from placet_shared.aggregates import Aggregate, plain_fields
from placet_shared.contracts.verification import VERIFICATION_EVENTS
from placet_shared.errors import Conflict, Invalid
from placet_shared.event_store import EventRegistry
from placet_verification.domain.canonical import digest
from placet_verification.domain.checks import Measurement
from placet_verification.domain.plans import Plan
from placet_verification.domain.result import Evaluation, Result, conclude
from placet_verification.domain.runs import Run
from placet_verification.outgoing import PUBLISHED, SOURCE

from .. import builders
from ..builders import SHA, check

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
TEXT = {"id": "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f", "hmac": SHA}


def a_plan(**parts: Any) -> Plan:
    return Plan.publish("plan-1", builders.plan(**parts), TEXT, AT)


def a_run() -> Run:
    reference = {"id": "plan-1", "name": "credit-default", "version": 1, "sha256": SHA}
    bound: dict[str, Any] = {"artifact_sha256": SHA, "dataset_sha256": SHA, "plan": reference}
    return Run.request("run-1", model_id="model-1", version_id="version-1", environment="prod", at=AT, **bound)


def measured(check_id: str, value: float | None, **more: Any) -> Measurement:
    facts = {"ci": (0.7, 0.9), "n": 200, "n_positive": 90, "smallest_class": 90, "method": "x", "parameters": {}, "seed": 0, **more}
    return Measurement(check_id=check_id, value=value, **facts)


def a_result(*values: float | None, **parts: Any) -> Result:
    document = builders.plan(**parts)
    found = [measured(entry["id"], value) for entry, value in zip(document["checks"], values, strict=True)]
    return conclude(document, SHA, SHA, SHA, Evaluation(found, {"numpy": "2"}, {"no_new_privs": True}))


def happened(aggregate: Aggregate) -> list[tuple[str, dict[str, Any]]]:
    """What was decided, after passing through the stored form and the published contract."""
    event_registry = EventRegistry(SOURCE, PUBLISHED)
    events = list(aggregate.collect_events())
    for event in events:
        stored = event_registry.encode(event, "subject")  # type: ignore[arg-type]
        VERIFICATION_EVENTS[stored.type].model_validate_json(stored.data)
    return [(type(event).__name__, plain_fields(event)) for event in events]


def test_a_first_plan_is_version_one_and_bound_by_its_digest() -> None:
    [(name, data)] = happened(a_plan())
    assert name == "PlanPublished"
    assert data["version"] == 1
    assert data["sha256"] == digest(data["document"])


def test_another_document_is_the_next_version_and_the_same_one_says_nothing_new() -> None:
    plan = a_plan()
    assert plan.says(builders.plan())
    assert not plan.says(builders.plan(seed=8))
    plan.revise(builders.plan(seed=8), TEXT, AT)
    assert [(name, data["version"]) for name, data in happened(plan)] == [("PlanPublished", 1), ("PlanRevised", 2)]
    assert plan.reference()["version"] == 2
    assert plan.says(builders.plan(seed=8))


def test_a_plan_that_would_not_fit_into_an_event_is_refused() -> None:
    columns = [f"column-{number:04}-{'x' * 80}" for number in range(900)]
    with pytest.raises(Invalid) as caught:
        a_plan(inputs=[{"name": "X", "columns": columns}])
    assert caught.value.code == "plan_too_large"


def test_a_run_that_meets_every_blocking_threshold_has_passed() -> None:
    run = a_run()
    result = a_result(0.8, 0.3, checks=[check("roc_auc", 0.75), check("f1", 0.5, severity="advisory")])
    run.conclude(result, AT)
    (requested, _), (name, data) = happened(run)
    assert (requested, name) == ("RunRequested", "VerificationPassed")
    assert [entry["status"] for entry in data["checks"]] == ["PASS", "FAIL"]
    assert data["result_sha256"] == result.sha256
    assert run.ended


def test_a_run_that_misses_one_blocking_threshold_has_failed() -> None:
    run = a_run()
    run.conclude(a_result(0.8, 0.3, checks=[check("roc_auc", 0.75), check("f1", 0.5)]), AT)
    name, data = happened(run)[-1]
    assert name == "VerificationFailed"
    assert "attempts" not in data  # how often it took is the queue's affair


def test_a_run_that_could_not_be_tried_has_a_reason_and_no_result() -> None:
    run = a_run()
    run.give_up("timeout", AT)
    name, data = happened(run)[-1]
    assert name == "RunErrored"
    assert data["reason_code"] == "timeout"
    assert "result_sha256" not in data


def test_a_run_ends_once() -> None:
    run = a_run()
    run.give_up("timeout", AT)
    with pytest.raises(Conflict) as caught:
        run.conclude(a_result(0.8), AT)
    assert caught.value.code == "run_ended"


def test_what_is_stored_comes_back_as_it_was() -> None:
    run = a_run()
    run.conclude(a_result(0.8), AT)
    event_registry = EventRegistry(SOURCE, PUBLISHED)
    stored = [event_registry.encode(event, "model-1") for event in run.collect_events()]  # type: ignore[arg-type]
    events = [
        event_registry.decode(Run, one.stream, number, one.type, one.schema_version, AT, one.data) for number, one in enumerate(stored, 1)
    ]
    again = Run.rebuild(events)
    assert again is not None
    assert (again.status, again.plan, again.version) == ("passed", run.plan, 2)
