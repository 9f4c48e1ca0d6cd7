"""A measurement against a threshold: what is a yes, what is not, and what can't be decided."""

from typing import Any

import pytest

from placet_verification.domain.checks import Check, Measurement, judge, outcome_of

from .. import builders


def a_check(**parts: Any) -> Check:
    entry = builders.check("roc_auc", **{"threshold": 0.8, **parts})
    return Check.from_document(builders.plan(checks=[entry])["checks"][0])


def found(value: float | None = 0.85, **parts: Any) -> Measurement:
    facts = {"ci": (0.82, 0.88), "n": 200, "n_positive": 90, "smallest_class": 90, "method": "x", "parameters": {}, "seed": 0, **parts}
    return Measurement(check_id="roc_auc", value=value, **facts)


@pytest.mark.parametrize(
    ("check", "measurement", "status", "reason_code"),
    [
        (a_check(), found(0.8), "PASS", None),
        (a_check(), found(0.7999), "FAIL", "threshold_missed"),
        (a_check(comparator=">"), found(0.8), "FAIL", "threshold_missed"),
        (a_check(comparator="<="), found(0.8), "PASS", None),
        (a_check(comparator="<"), found(0.8), "FAIL", "threshold_missed"),
        (a_check(warn=0.9), found(0.85), "WARN", "near_threshold"),
        (a_check(warn=0.9), found(0.9), "PASS", None),
        (a_check(warn=0.9), found(0.7), "FAIL", "threshold_missed"),
        (a_check(judge="interval"), found(), "PASS", None),
        (a_check(judge="interval"), found(ci=(0.79, 0.88)), "WARN", "inconclusive"),
        (a_check(judge="interval"), found(ci=(0.6, 0.79)), "FAIL", "threshold_missed"),
        (a_check(judge="interval"), found(ci=None), "INSUFFICIENT_DATA", "no_interval"),
        (a_check(), found(n=29), "INSUFFICIENT_DATA", "too_few_rows"),
        (a_check(minimum_rows=29), found(n=29), "PASS", None),
        (a_check(), found(n=30), "PASS", None),
        (a_check(), found(smallest_class=5), "PASS", None),
        (a_check(minimum_per_class=8), found(smallest_class=8), "PASS", None),
        (a_check(minimum_per_class=8), found(smallest_class=7), "INSUFFICIENT_DATA", "too_few_of_a_class"),
        (a_check(), found(smallest_class=4), "INSUFFICIENT_DATA", "too_few_of_a_class"),
        (a_check(), found(smallest_class=None), "PASS", None),
        (a_check(), found(None, reason_code="label_near_zero"), "INSUFFICIENT_DATA", "label_near_zero"),
    ],
)
def test_verdict(check: Check, measurement: Measurement, status: str, reason_code: str | None) -> None:
    judgement = judge(check, measurement)
    assert (judgement.status, judgement.reason_code) == (status, reason_code)


@pytest.mark.parametrize(
    ("severity", "value", "outcome"),
    [("blocking", 0.9, "passed"), ("blocking", 0.7, "failed"), ("blocking", None, "failed"), ("advisory", 0.7, "passed")],
)
def test_only_what_is_blocking_fails_a_run(severity: str, value: float | None, outcome: str) -> None:
    assert outcome_of([judge(a_check(severity=severity), found(value))]) == outcome


def test_the_last_bits_of_a_value_are_not_the_models() -> None:
    plain = {"check_id": "x", "n": 1, "n_positive": None, "smallest_class": None, "method": "x", "parameters": {}, "seed": None}
    one, other = ({**plain, "value": value, "ci": [value, 1.0], "reason_code": None} for value in (0.1 + 0.2, 0.3))
    assert Measurement.from_plain(one) == Measurement.from_plain(other)
