"""Decisions: given these events, when this command, then these events or this error."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from placet_shared.aggregates import Aggregate, plain_fields
from placet_shared.contracts.verification import VERIFICATION_EVENTS
from placet_shared.errors import Conflict, Invalid
from placet_shared.event_store import EventRegistry
from placet_verification.checks import conclude
from placet_verification.domain.canonical import digest
from placet_verification.domain.plans import Plan
from placet_verification.domain.result import Evaluation, Result
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
    datasets = [{"input": "evaluation", "sha256": SHA}]
    bound: dict[str, Any] = {"artifact_sha256": SHA, "datasets": datasets, "champion": None, "plan": reference}
    return Run.request("run-1", model_id="model-1", version_id="version-1", environment="prod", at=AT, **bound)


def measured(value: float | None, **more: Any) -> dict[str, Any]:
    facts = {"ci": (0.7, 0.9), "n": 200, "n_positive": 90, "smallest_class": 90, "method": "x", "parameters": {}, "seed": 0}
    return {**facts, "value": value, "reason_code": None, **more}


def a_result(*values: float | None, engine: str = "2", **parts: Any) -> Result:
    document = builders.plan(**parts)
    found = {entry["id"]: measured(value) for entry, value in zip(document["checks"], values, strict=True)}
    bound = {"environment": "prod", "plan_sha256": SHA, "model_sha256": SHA, "datasets": {"evaluation": SHA}, "champion_sha256": None}
    return conclude(document, bound, Evaluation(found, {"numpy": engine}, {"no_new_privs": True}))


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
    too_wide = {**builders.plan(), "inputs": [{"name": "X", "columns": columns, "type": "float32"}]}
    with pytest.raises(Invalid) as caught:
        Plan.publish("plan-1", too_wide, TEXT, AT)
    assert caught.value.code == "plan_too_large"


def test_a_document_of_another_team_is_refused_and_one_of_the_same_team_is_not() -> None:
    plan = a_plan(team="risk")
    for team in ("wine", None):
        with pytest.raises(Conflict) as caught:
            plan.revise(builders.plan(team=team, seed=8), TEXT, AT)
        assert (caught.value.code, caught.value.facts["team"]) == ("plan_name_taken", "risk")
    plan.revise(builders.plan(team="risk", seed=8), TEXT, AT)
    assert plan.number == 2


def test_a_plan_that_has_no_team_gets_one_and_keeps_it() -> None:
    plan = a_plan()
    plan.revise(builders.plan(team="wine"), TEXT, AT)
    for other in (builders.plan(team="beer"), builders.plan()):
        with pytest.raises(Conflict) as caught:
            plan.revise(other, TEXT, AT)
        assert caught.value.code == "plan_name_taken"


def test_a_withdrawn_plan_says_nothing_and_comes_back_as_its_next_version() -> None:
    plan = a_plan()
    plan.withdraw(TEXT, AT)
    assert not plan.says(builders.plan())
    with pytest.raises(Conflict) as caught:
        plan.withdraw(TEXT, AT)
    assert caught.value.code == "plan_withdrawn"
    plan.revise(builders.plan(), TEXT, AT)
    assert plan.says(builders.plan())
    happenings = [("PlanPublished", 1), ("PlanWithdrawn", 1), ("PlanRevised", 2)]
    assert [(name, data["version"]) for name, data in happened(plan)] == happenings


def test_a_document_that_says_nothing_new_keeps_the_digest_that_it_had_before_there_was_more_to_say() -> None:
    document = builders.plan()
    assert "explanation" not in document
    assert document["artifact"].keys() == {"max_bytes", "max_nodes", "max_initializer_bytes", "allow_operators"}
    more = builders.plan(artifact={"allow_pickle": True, "allow_globals": ["sklearn.svm._classes.SVC"]})
    assert more["artifact"].keys() - document["artifact"].keys() == {"allow_pickle", "allow_globals"}


def test_what_was_measured_has_a_digest_without_engine_and_last_digits() -> None:
    first, upgraded = a_result(0.81234), a_result(0.81249, engine="3")
    assert first.sha256 != upgraded.sha256
    assert first.measured_sha256 == upgraded.measured_sha256
    assert a_result(0.81734).measured_sha256 != first.measured_sha256
    assert a_result(0.81234, checks=[check("roc_auc", 0.9)]).measured_sha256 != first.measured_sha256


def test_a_run_that_meets_every_blocking_threshold_has_passed() -> None:
    run = a_run()
    result = a_result(0.8, 0.3, checks=[check("roc_auc", 0.75), check("f1", 0.5, severity="advisory")])
    run.conclude(result, AT)
    (requested, _), (name, data) = happened(run)
    assert (requested, name) == ("RunRequested", "VerificationPassed")
    assert [entry["status"] for entry in data["checks"]] == ["PASS", "FAIL"]
    assert data["result_sha256"] == result.sha256
    assert data["measured_sha256"] == result.measured_sha256
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


def test_a_run_that_a_person_cancelled_has_the_reason_and_no_result() -> None:
    run = a_run()
    run.cancel(TEXT, AT)
    name, data = happened(run)[-1]
    assert (name, data["status"], data["reason"]) == ("RunCancelled", "cancelled", TEXT)
    assert not {"result_sha256", "reason_code", "checks"} & data.keys()


ENDS: Mapping[str, Callable[[Run], None]] = {
    "conclude": lambda run: run.conclude(a_result(0.8), AT),
    "give_up": lambda run: run.give_up("timeout", AT),
    "cancel": lambda run: run.cancel(TEXT, AT),
}


@pytest.mark.parametrize("first", ENDS)
@pytest.mark.parametrize("second", ENDS)
def test_a_run_ends_once(first: str, second: str) -> None:
    run = a_run()
    ENDS[first](run)
    with pytest.raises(Conflict) as caught:
        ENDS[second](run)
    assert caught.value.code == "run_ended"
    assert len(happened(run)) == 2


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
