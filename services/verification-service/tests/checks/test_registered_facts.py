"""`required_tags` and `required_metadata`: what is registered about a version is judged, and not whether it is true."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from placet_shared.errors import Malformed
from placet_verification.checks import conclude
from placet_verification.domain.result import Evaluation

from .. import builders
from ..conftest import NOTHING_STATED


def judged(check: Mapping[str, Any], tags: Mapping[str, str] | None = None, **stated: int) -> Sequence[tuple[str | None, str, str | None]]:
    """Slice, status and reason of each record."""
    facts: Any = {"registration": {"tags": dict(tags or {}), "stated": {**NOTHING_STATED, **stated}}}
    document = builders.plan_without_data({"id": "registered", **check})
    [judgement] = conclude(document, {"plan_sha256": builders.SHA}, Evaluation({}, {}, {}), facts).judgements
    return [(record.slice, record.status, record.reason_code) for record in judgement.records]


def tags(*wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {"check": "required_tags", "tags": list(wanted)}


def test_tag_with_an_allowed_value_passes() -> None:
    wanted = tags({"key": "governance/risk", "values": ["low", "high"]}, {"key": "owner"}, {"key": "cost", "values": ["cc-*-eu"]})
    assert judged(wanted, {"governance/risk": "high", "owner": "anybody", "cost": "cc-17-eu", "more": "x"}) == [
        ("governance/risk", "PASS", None), ("owner", "PASS", None), ("cost", "PASS", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "tag_missing"),
        ({"Risk": "high"}, "tag_missing"),
        ({"risk ": "high"}, "tag_missing"),
        ({"risk": ""}, "tag_missing"),
        ({"risk": "High"}, "tag_value_not_allowed"),
        ({"risk": "high "}, "tag_value_not_allowed"),
        ({"risk": "higher"}, "tag_value_not_allowed"),
        ({"risk": "high\n"}, "tag_value_not_allowed"),
    ],
)
def test_other_key_or_value_does_not_count(given: dict[str, str], reason: str) -> None:
    assert judged(tags({"key": "risk", "values": ["high"]}), given) == [("risk", "FAIL", reason)]


def test_pattern_is_no_expression_and_takes_no_time() -> None:
    assert judged(tags({"key": "a", "values": [".+", "[x]"]}), {"a": "x"}) == [("a", "FAIL", "tag_value_not_allowed")]
    assert judged(tags({"key": "a", "values": ["*a" * 90 + "b"]}), {"a": "a" * 1000}) == [("a", "FAIL", "tag_value_not_allowed")]


def test_fact_that_is_stated_passes_and_one_that_is_not_fails() -> None:
    wanted = {"check": "required_metadata", "facts": list(NOTHING_STATED)}
    assert {status for _, status, _ in judged(wanted)} == {"FAIL"}
    assert {reason for _, _, reason in judged(wanted)} == {"not_stated"}
    assert {status for _, status, _ in judged(wanted, None, **dict.fromkeys(NOTHING_STATED, 1))} == {"PASS"}
    assert judged({**wanted, "facts": ["commit", "train_data"]}, None, train_data=2) == [
        ("commit", "FAIL", "not_stated"), ("train_data", "PASS", None),
    ]  # fmt: skip


def test_description_has_at_least_its_length() -> None:
    wanted = {"check": "required_metadata", "facts": ["description"], "least_description": 100}
    assert judged(wanted, None, description=100) == [("description", "PASS", None)]
    assert judged(wanted, None, description=99) == [("description", "FAIL", "description_too_short")]
    assert judged(wanted) == [("description", "FAIL", "not_stated")]


@pytest.mark.parametrize(
    ("check", "complaint"),
    [
        (tags(), "at least 1 item"),
        (tags({"key": "a"}, {"key": "a", "values": ["b"]}), "each key once"),
        (tags({"key": "a", "values": [""]}), "at least 1 character"),
        (tags({"key": "a", "pattern": ".*"}), "unknown field `pattern`, allowed are key, values"),
        ({"check": "required_metadata", "facts": []}, "at least 1 item"),
        ({"check": "required_metadata", "facts": ["wiki"]}, "'description'"),
        ({"check": "required_metadata", "facts": ["commit", "commit"]}, "each fact once"),
        ({"check": "required_metadata", "facts": ["commit"], "least_description": 5}, "`description` among `facts`"),
    ],
)
def test_check_that_could_not_mean_anything_is_refused_in_the_plan(check: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Malformed) as caught:
        builders.plan_without_data({"id": "registered", **check})
    assert complaint in str(caught.value.errors)
