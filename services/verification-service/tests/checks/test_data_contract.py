"""Each rule that the data break fails, with the count of rows and the first of them."""

from pathlib import Path
from typing import Any

import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.data_contract import KIND, DataContractParameters

from .. import builders, onnx_models
from .tried import judged


def wanted(*rules: dict[str, Any], **parts: Any) -> DataContractParameters:
    return DataContractParameters.model_validate({"rules": list(rules), **parts})


def found(n: int = 100, **counts: int) -> dict[str, Any]:
    counted = {rule: {"count": count, "first_row": 4 if count else None} for rule, count in counts.items()}
    return {"n": n, "columns": {"age": counted}}


AGE = {"column": "age", "minimum": 0, "maximum": 120}


@pytest.mark.parametrize(
    ("parameters", "measured", "broken"),
    [
        (wanted(AGE), found(type=0, minimum=0, maximum=0), []),
        (wanted(AGE), found(type=0, minimum=1, maximum=2), [("minimum", 0.01, 0.0), ("maximum", 0.02, 120.0)]),
        (wanted({"column": "age", "nulls": 0}), found(nulls=1), [("nulls", 0.01, 0.0)]),
        (wanted({"column": "age", "nulls": 0.05}), found(nulls=5), []),
        (wanted({"column": "age", "nulls": 0.29}), found(nulls=29), []),
        (wanted({"column": "age", "nulls": 0.05}), found(nulls=6), [("nulls", 0.06, 0.05)]),
        (wanted({"column": "age", "unique": True}), found(unique=3), [("unique", 0.03, None)]),
    ],
)
def test_each_broken_rule_is_a_record(parameters: DataContractParameters, measured: dict[str, Any], broken: list[Any]) -> None:
    rows, head, *records = KIND.judge(parameters, measured)
    assert rows.status == "PASS"
    assert (head.status, head.value) == ("FAIL" if broken else "PASS", len(broken))
    assert [(record.metric, record.value, record.threshold) for record in records] == broken
    for record in records:
        assert (record.status, record.slice, record.parameters["first_row"]) == ("FAIL", "age", 4)


def test_too_few_rows_break_the_contract() -> None:
    [record] = KIND.judge(wanted(minimum_rows=101), found())
    assert (record.status, record.reason_code) == ("FAIL", "too_few_rows")
    [record] = KIND.judge(wanted(minimum_rows=100), found())
    assert record.status == "PASS"


RAW = b"""a,b,y,day,country,note,key
1,0.5,0,2026-01-31,DE,x,k1
2,1.5,1,2026-02-28T10:00:00,FR,,k2
3,,0,,DE,y,k3
4,2.5,1,2026-02-29,XX,,k2
"""


def plan(*rules: dict[str, Any], **parts: Any) -> dict[str, Any]:
    checks = [{"id": "contract", "check": "data_contract", "rules": list(rules), **parts}]
    inputs = [{"name": "X", "columns": ["a", "b"]}]
    return builders.plan(dataset={"label": "y", "empty": "nan"}, inputs=inputs, checks=checks)


@pytest.mark.parametrize(
    ("rules", "broken"),
    [
        ({"column": "a", "type": "integer", "minimum": 1, "maximum": 4, "nulls": 0, "unique": True}, {}),
        ({"column": "a", "minimum": 2, "maximum": 3}, {"minimum": (1, 1), "maximum": (1, 4)}),
        ({"column": "a", "categories": ["1", "2", "3"]}, {"categories": (1, 4)}),
        ({"column": "a", "type": "text"}, {"type": (4, 1)}),
        ({"column": "b", "type": "integer", "nulls": 0}, {"nulls": (1, 3), "type": (3, 1)}),
        ({"column": "b", "categories": ["0.5", "1.5", "2.5"], "nulls": 0.25}, {}),
        ({"column": "y", "categories": ["0", "1"], "type": "integer"}, {}),
        ({"column": "day", "type": "date"}, {"type": (1, 4)}),
        ({"column": "country", "categories": ["DE", "FR"], "type": "text"}, {"categories": (1, 4)}),
        ({"column": "note", "nulls": 0.4, "unique": True}, {"nulls": (2, 2)}),
        ({"column": "key", "unique": True}, {"unique": (1, 4)}),
        ({"column": "key", "minimum": 0}, {"type": (4, 1)}),
    ],
    ids=str,
)
async def test_rules_of_inputs_and_of_further_columns_are_held_against_every_row(
    tmp_path: Path, rules: dict[str, Any], broken: dict[str, Any]
) -> None:
    judgement = await judged(tmp_path, onnx_models.of_first_column(), RAW, plan(rules))
    assert judgement.status == ("FAIL" if broken else "PASS")
    records = {record.metric: (record.parameters["count"], record.parameters["first_row"]) for record in judgement.records[2:]}
    assert records == broken


async def test_a_whole_number_is_a_category_as_it_is_written(tmp_path: Path) -> None:
    raw = b"a,b,y\n12345678,0.5,0\n"
    judgement = await judged(tmp_path, onnx_models.of_first_column(), raw, plan({"column": "a", "categories": ["12345678"]}))
    assert judgement.status == "PASS"


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ([{"column": "a"}], "rules"),
        ([{"column": "a", "minimum": 2, "maximum": 1}], "rules"),
        ([{"column": "a", "minimum": 2, "type": "text"}], "rules"),
        ([{"column": "a", "unique": True}, {"column": "a", "nulls": 0}], "rules"),
        ([{"column": "a", "nulls": 2}], r"rules\.0\.nulls"),
        ([{"column": "a", "type": "decimal"}], r"rules\.0\.type"),
        ([{"column": "a", "colour": 1}], r"rules\.0\.colour"),
    ],
)
def test_a_plan_that_can_not_be_meant_is_refused_by_its_field(rules: list[dict[str, Any]], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        plan(*rules)
