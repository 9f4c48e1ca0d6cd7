"""A metric against a threshold, records in one check, checks in one run: what is a yes, what is not, and what can't be decided."""

from typing import Any

import pytest

from placet_verification.checks import conclude
from placet_verification.checks.kinds.metric import KIND, MetricParameters
from placet_verification.domain.reasons import reason_code_of
from placet_verification.domain.records import Judgement, Record, Status, outcome_of
from placet_verification.domain.result import Evaluation, Result

from .. import builders
from ..builders import SHA


def wanted(**parts: Any) -> MetricParameters:
    return MetricParameters.model_validate({"metric": "roc_auc", "comparator": ">=", "threshold": 0.8, **parts})


def found(value: float | None = 0.85, **parts: Any) -> dict[str, Any]:
    facts = {"ci": (0.82, 0.88), "n": 200, "n_positive": 90, "smallest_class": 90, "method": "x", "parameters": {}, "seed": 0}
    return {**facts, "value": value, "reason_code": None, **parts}


@pytest.mark.parametrize(
    ("parameters", "measured", "status", "reason_code"),
    [
        (wanted(), found(0.8), "PASS", None),
        (wanted(), found(0.7999), "FAIL", "threshold_missed"),
        (wanted(comparator=">"), found(0.8), "FAIL", "threshold_missed"),
        (wanted(comparator="<="), found(0.8), "PASS", None),
        (wanted(comparator="<"), found(0.8), "FAIL", "threshold_missed"),
        (wanted(warn=0.9), found(0.85), "WARN", "near_threshold"),
        (wanted(warn=0.9), found(0.9), "PASS", None),
        (wanted(warn=0.9), found(0.7), "FAIL", "threshold_missed"),
        (wanted(judge="interval"), found(), "PASS", None),
        (wanted(judge="interval"), found(ci=(0.79, 0.88)), "WARN", "inconclusive"),
        (wanted(judge="interval"), found(ci=(0.6, 0.79)), "FAIL", "threshold_missed"),
        (wanted(judge="interval"), found(ci=None), "INSUFFICIENT_DATA", "no_interval"),
        (wanted(), found(n=29), "INSUFFICIENT_DATA", "too_few_rows"),
        (wanted(minimum_rows=29), found(n=29), "PASS", None),
        (wanted(), found(n=30), "PASS", None),
        (wanted(), found(smallest_class=5), "PASS", None),
        (wanted(minimum_per_class=8), found(smallest_class=8), "PASS", None),
        (wanted(minimum_per_class=8), found(smallest_class=7), "INSUFFICIENT_DATA", "too_few_of_a_class"),
        (wanted(), found(smallest_class=4), "INSUFFICIENT_DATA", "too_few_of_a_class"),
        (wanted(), found(smallest_class=None), "PASS", None),
        (wanted(), found(None, reason_code="label_near_zero"), "INSUFFICIENT_DATA", "label_near_zero"),
        (wanted(), found(None), "INSUFFICIENT_DATA", "not_defined"),
    ],
)
def test_verdict(parameters: MetricParameters, measured: dict[str, Any], status: str, reason_code: str | None) -> None:
    [record] = KIND.judge(parameters, measured)
    assert (record.status, record.reason_code) == (status, reason_code)


def test_a_record_says_by_what_it_was_judged() -> None:
    [record] = KIND.judge(wanted(warn=0.9, judge="interval"), found(parameters={"resamples": 2000}))
    assert record.parameters == {"resamples": 2000, "warn": 0.9, "judge": "interval"}
    assert (record.metric, record.comparator, record.threshold, record.ci) == ("roc_auc", ">=", 0.8, (0.82, 0.88))


def judgement(*statuses: Status, severity: str = "blocking", counts: bool = True) -> Judgement:
    return Judgement("a", "metric", 1, severity, tuple(Record(status=status, counts=counts) for status in statuses))


@pytest.mark.parametrize(
    ("severity", "status", "outcome"),
    [
        ("blocking", "PASS", "passed"),
        ("blocking", "WARN", "passed"),
        ("blocking", "NOT_APPLICABLE", "passed"),
        ("blocking", "FAIL", "failed"),
        ("blocking", "ERROR", "failed"),
        ("blocking", "INSUFFICIENT_DATA", "failed"),
        ("advisory", "FAIL", "passed"),
        ("advisory", "ERROR", "passed"),
    ],
)
def test_only_what_is_blocking_fails_a_run(severity: str, status: Status, outcome: str) -> None:
    assert outcome_of([judgement("PASS"), judgement(status, severity=severity)]) == outcome


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (("PASS", "FAIL", "ERROR"), "ERROR"),
        (("PASS", "FAIL", "INSUFFICIENT_DATA"), "FAIL"),
        (("WARN", "INSUFFICIENT_DATA"), "INSUFFICIENT_DATA"),
        (("PASS", "WARN"), "WARN"),
        (("NOT_APPLICABLE", "PASS"), "PASS"),
        (("NOT_APPLICABLE", "NOT_APPLICABLE"), "NOT_APPLICABLE"),
    ],
)
def test_a_check_has_the_worst_status_of_its_records(statuses: tuple[Status, ...], status: Status) -> None:
    assert judgement(*statuses).status == status


def test_records_that_do_not_count_never_fail_a_check_and_never_pass_it() -> None:
    listed = Record(status="FAIL", counts=False)
    assert Judgement("a", "metric", 1, "blocking", (Record(status="PASS"), listed)).status == "PASS"
    assert judgement("PASS", counts=False).status == "INSUFFICIENT_DATA"


def concluded(measured: dict[str, Any]) -> Result:
    document = builders.plan(checks=[builders.check("roc_auc", 0.8)])
    return conclude(document, {"plan_sha256": SHA}, Evaluation({"roc_auc": measured}, {"numpy": "2"}, {"no_new_privs": True}))


def test_the_last_bits_of_a_value_are_not_the_models() -> None:
    one, other = (concluded(found(value, ci=[value, 1.0])) for value in (0.1 + 0.2, 0.3))
    assert 0.1 + 0.2 != 0.3
    assert one.body == other.body


def test_a_check_whose_measuring_function_failed_is_an_error() -> None:
    [summary] = concluded({"failed": True}).summaries()
    assert (summary["status"], summary["reason_code"], summary["value"]) == ("ERROR", "measure_failed", None)


@pytest.mark.parametrize("reason_code", ["Erika Mustermann, Hauptstr. 1", "x" * 100, 7, ["threshold_missed"]])
def test_a_reason_that_is_no_code_makes_no_result(reason_code: Any) -> None:
    """What the child says is untrusted, and reasons stand in events, which hold no free text."""
    with pytest.raises((TypeError, ValueError)):
        concluded(found(None, reason_code=reason_code))


def test_a_reason_code_is_one_word_that_events_may_carry() -> None:
    assert reason_code_of("not_onnx") == "not_onnx"
    for value in ("Not_onnx", "not onnx", "not_onnx\n", "", "x", "_x", None, {"code": "x"}):
        with pytest.raises(ValueError):
            reason_code_of(value)


@pytest.mark.parametrize("measured", [found("high"), found(float("nan")), found(ci=[0.5]), {}, {"n": 200}, found(n=2**60)])  # type: ignore[arg-type]
def test_what_was_not_measured_in_the_form_of_its_kind_makes_no_result(measured: dict[str, Any]) -> None:
    with pytest.raises((KeyError, IndexError, TypeError, ValueError)):
        concluded(measured)
