"""Decisions about data sets, their versions and their names."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from placet_registry.domain.data_facts import COLUMN_LIMIT, DataColumn, DataFacts, Period
from placet_registry.domain.datasets import NamedDataSet
from placet_shared.errors import Conflict, Invalid, Malformed
from placet_shared.event_store.event_registry import fixed_bytes

SHA = "ab" * 32
FACTS = DataFacts(SHA, 10, "csv", [DataColumn("age", "number")], 3, Period("2026-01-01", "2026-03-31"), "test", "p-1")
FIRST = {
    "dataset_id": "d-1",
    "name": "churn-test",
    "number": 1,
    "sha256": SHA,
    "size": 10,
    "format": "csv",
    "columns": [{"name": "age", "type": "number"}],
    "rows": 3,
    "period": {"from": "2026-01-01", "to": "2026-03-31"},
    "role": "test",
    "owner": "p-1",
}

Given = Callable[..., Any]
Decided = Callable[..., list[tuple[str, dict[str, Any]]]]


@pytest.fixture
def dataset(given: Given) -> NamedDataSet:
    """With one version, which p-1 owns."""
    found: NamedDataSet = given(NamedDataSet, NamedDataSet.key_of("churn-test"), (NamedDataSet.DataSetRegistered, FIRST))
    return found


def test_data_set_with_a_free_name_begins_with_number_1(at: datetime, decided: Decided) -> None:
    assert decided(NamedDataSet.begin("d-1", "churn-test", FACTS, at)) == [("DataSetRegistered", FIRST)]


def test_data_set_gets_the_next_number_under_the_same_id(dataset: NamedDataSet, decided: Decided, at: datetime) -> None:
    assert dataset.add(replace(FACTS, sha256="cd" * 32, size=11), actor_id="p-1", by_admin=False, at=at) == 2
    assert decided(dataset) == [("DataSetRegistered", {**FIRST, "number": 2, "sha256": "cd" * 32, "size": 11})]


@pytest.mark.parametrize(
    "other",
    [
        replace(FACTS, format="parquet"),
        replace(FACTS, columns=None),
        replace(FACTS, columns=[DataColumn("age", "text")]),
        replace(FACTS, rows=None),
        replace(FACTS, period=None),
        replace(FACTS, role="train"),
        replace(FACTS, owner="p-2"),
    ],
)
def test_same_bytes_with_another_fact_are_another_version(dataset: NamedDataSet, at: datetime, other: DataFacts) -> None:
    assert dataset.add(other, actor_id="p-1", by_admin=False, at=at) == 2


@pytest.mark.parametrize("actor", ["p-1", "p-2"])
def test_same_facts_again_change_nothing_also_behind_a_newer_version(
    dataset: NamedDataSet, decided: Decided, at: datetime, actor: str
) -> None:
    assert dataset.add(FACTS, actor_id=actor, by_admin=False, at=at) == 1
    assert decided(dataset) == []
    dataset.add(replace(FACTS, rows=4), actor_id="p-1", by_admin=False, at=at)
    assert dataset.add(replace(FACTS, sha256=SHA.upper()), actor_id=actor, by_admin=False, at=at) == 1
    assert len(decided(dataset)) == 1


def test_version_of_another_persons_name_is_refused_with_the_owners_id(dataset: NamedDataSet, decided: Decided, at: datetime) -> None:
    with pytest.raises(Conflict) as refused:
        dataset.add(replace(FACTS, rows=4, owner="p-2"), actor_id="p-2", by_admin=False, at=at)
    assert (refused.value.code, refused.value.facts["owner"]) == ("dataset_name_taken", "p-1")
    assert decided(dataset) == []


def test_admin_adds_a_version_and_the_name_stays_its_first_owners(dataset: NamedDataSet, at: datetime) -> None:
    dataset.add(replace(FACTS, rows=4, owner="p-2"), actor_id="admin", by_admin=True, at=at)
    assert dataset.add(replace(FACTS, rows=5), actor_id="p-1", by_admin=False, at=at) == 3
    with pytest.raises(Conflict):
        dataset.add(replace(FACTS, rows=6), actor_id="p-2", by_admin=False, at=at)


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("sha256", replace(FACTS, sha256="ab")),
        ("format", replace(FACTS, format="xlsx")),  # type: ignore[arg-type]
        ("role", replace(FACTS, role="holdout")),  # type: ignore[arg-type]
        ("rows", replace(FACTS, rows=-1)),
        ("period.from", replace(FACTS, period=Period("2026-02-30", "2026-03-31"))),
        ("period.to", replace(FACTS, period=Period("2026-01-01", "20260331"))),
        ("period.to", replace(FACTS, period=Period("2026-01-02", "2026-01-01"))),
        ("columns.0.name", replace(FACTS, columns=[DataColumn("x" * 201, "number")])),
        ("columns.0.name", replace(FACTS, columns=[DataColumn('Said "no"', "number")])),
        ("columns.1.type", replace(FACTS, columns=[DataColumn("x", "number"), DataColumn("y", "")])),
        ("columns.1.name", replace(FACTS, columns=[DataColumn("x", "number"), DataColumn("x", "text")])),
        ("columns", replace(FACTS, columns=[DataColumn(str(number), "n") for number in range(COLUMN_LIMIT + 1)])),
    ],
)
def test_fact_that_no_event_may_hold_is_refused_by_field(at: datetime, field: str, facts: DataFacts) -> None:
    with pytest.raises(Malformed) as refused:
        NamedDataSet.begin("d-1", "churn-test", facts, at)
    assert [error.field for error in refused.value.errors] == [field]


@pytest.mark.parametrize("name", ["", "Churn", "1churn", "churn test", "churn/test", "x" * 64, "größe"])
def test_name_of_another_form_is_refused(at: datetime, name: str) -> None:
    with pytest.raises(Malformed) as refused:
        NamedDataSet.begin("d-1", name, FACTS, at)
    assert refused.value.errors[0].field == "name"


def test_as_many_columns_as_there_may_be_fit_into_an_event(at: datetime) -> None:
    columns = [DataColumn(f"{number}", "n") for number in range(COLUMN_LIMIT)]
    NamedDataSet.begin("d-1", "churn-test", replace(FACTS, columns=columns), at)


def test_columns_that_do_not_fit_into_an_event_are_refused(at: datetime, decided: Decided) -> None:
    columns = [DataColumn(f"{number:03} {'x' * 195}", "number") for number in range(286)]
    ((_, largest),) = decided(NamedDataSet.begin("i" * 36, "n" * 63, replace(FACTS, columns=columns[:-1]), at))
    assert 64_900 < len(fixed_bytes(largest)) <= 65_536
    with pytest.raises(Invalid) as refused:
        NamedDataSet.begin("i" * 36, "n" * 63, replace(FACTS, columns=columns), at)
    assert (refused.value.code, refused.value.errors[0].field) == ("dataset_facts_too_large", "columns")
