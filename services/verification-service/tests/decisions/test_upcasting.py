"""Events of schema version 1 in the form of today: what they meant is what they mean."""

from datetime import UTC, datetime
from typing import Any

import pytest

from placet_shared.aggregates import own_fields
from placet_shared.contracts.superseded import SUPERSEDED
from placet_shared.contracts.verification import VERIFICATION_EVENTS
from placet_shared.event_store import EventRegistry
from placet_shared.event_store.event_registry import fixed_bytes
from placet_shared.model_selectors import ModelSelector, SelectableModel
from placet_verification.checks import conclude
from placet_verification.domain.canonical import digest
from placet_verification.domain.plans import Plan
from placet_verification.domain.result import Evaluation, Result
from placet_verification.domain.runs import Run
from placet_verification.domain.upcasting import UPCASTERS, full_form, full_summaries
from placet_verification.outgoing import PUBLISHED, SOURCE

from .. import builders
from ..builders import SHA, check
from ..first_release import document

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
TEXT = {"id": "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f", "hmac": SHA}
EVENT_REGISTRY = EventRegistry(SOURCE, PUBLISHED, upcasters=UPCASTERS)
CHECKS = [check("roc_auc", 0.75), check("f1", 0.5, severity="advisory"), check("brier", 0.2), check("log_loss", 0.9)]
BOUND: dict[str, Any] = {
    "run_id": "run-1",
    "model_id": "model-1",
    "version_id": "version-1",
    "environment": "prod",
    "plan": {"id": "plan-1", "name": "credit-default", "version": 1, "sha256": SHA},
    "artifact_sha256": SHA,
    "dataset_sha256": SHA,
}


def today(aggregate: type[Plan] | type[Run], type_: str, data: dict[str, Any], version: int = 1) -> dict[str, Any]:
    """The fields of an event of schema version 1 as a stream is read; the contracts of both versions hold."""
    SUPERSEDED[type_, 1].model_validate(data)
    event = EVENT_REGISTRY.decode(aggregate, "stream", version, type_, 1, AT, fixed_bytes(data))
    fields = {name: getattr(event, name) for name in own_fields(type(event))}
    VERIFICATION_EVENTS[type_].model_validate(fields)
    return fields


def a_result(*values: float | None, n: int = 200) -> Result:
    """What the child measured, judged by the plan of today."""
    facts = {"n": n, "n_positive": 90, "smallest_class": 90, "method": "x", "parameters": {}, "seed": 0, "reason_code": None}
    entries = builders.plan(checks=CHECKS)["checks"]
    measured = {
        entry["id"]: {**facts, "value": value, "ci": None if value is None else [value - 0.01, value + 0.01]}
        for entry, value in zip(entries, values, strict=True)
    }
    return conclude(builders.plan(checks=CHECKS), {"plan_sha256": SHA}, Evaluation(measured, {}, {}))


@pytest.mark.parametrize(
    "result",
    [
        a_result(0.812345678, 0.3, 0.1, 0.5),
        a_result(0.7, 1.0, 0.25, 1e-9),
        a_result(0.8, None, 0.0, 123456.789),
        a_result(0.8, 0.3, 0.1, 0.5, n=3),
    ],
    ids=["passed", "failed", "not defined", "too few rows"],
)
def test_what_was_measured_has_the_same_digest_as_when_todays_release_measures_it(result: Result) -> None:
    run = Run.request(
        "run-1", model_id="model-1", version_id="version-1", environment="prod", plan=BOUND["plan"], artifact_sha256=SHA,
        datasets=[{"input": "evaluation", "sha256": SHA}], champion=None, at=AT,
    )  # fmt: skip
    run.conclude(result, AT)
    _, ended = run.collect_events()
    now = {name: getattr(ended, name) for name in own_fields(type(ended))}
    before = [{name: value for name, value in entry.items() if name not in ("check", "records")} for entry in now["checks"]]
    old = {**BOUND, "status": now["status"], "result_sha256": result.sha256, "checks": before}
    assert today(Run, type(ended).__name__, old, 2) == now


def test_a_run_had_one_data_set_and_no_champion() -> None:
    requested = today(Run, "RunRequested", BOUND)
    assert (requested["datasets"], requested["champion"]) == ([{"input": "evaluation", "sha256": SHA}], None)
    errored = today(Run, "RunErrored", {**BOUND, "status": "errored", "reason_code": "timeout"}, 2)
    assert (errored["datasets"], errored["reason_code"]) == (requested["datasets"], "timeout")


@pytest.mark.parametrize("dataset", [None, SHA])
def test_a_plan_was_that_of_its_environment_for_every_model(dataset: str | None) -> None:
    old = document("prod", dataset, checks=CHECKS)
    facts = {"plan_id": "plan-1", "environment": "prod", "name": "credit-default", "version": 1, "sha256": digest(old)}
    fields = today(Plan, "PlanPublished", {**facts, "document": old, "text": TEXT})
    found = fields["document"]
    assert found == builders.plan(dataset={"label": "y", "sha256": dataset}, checks=CHECKS)
    assert fields["sha256"] == digest(old) != digest(found)
    assert ModelSelector.from_document(found["for"]).selects(SelectableModel("any", "any"))


def test_what_is_in_todays_form_stays_as_it_is() -> None:
    plan = builders.plan(checks=CHECKS)
    assert full_form(plan) == plan
    assert full_form(full_form(document("prod"))) == full_form(document("prod"))
    summaries = a_result(0.8, 0.3, 0.1, 0.5).summaries()
    assert full_summaries(summaries) == summaries
    of_another_kind = [{**summaries[0], "check": "drift", "records": 7}]
    assert full_summaries(of_another_kind) == of_another_kind
