"""Which version of a data set a run has used."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from placet.printing.data_names import DataNames
from placet_client.answers.answer import Page
from placet_client.answers.datasets import DataSetVersion
from placet_client.answers.verification import RunData

OLD, NEW, OTHER = "a" * 64, "b" * 64, "c" * 64


def version(name: str, number: int, sha256: str) -> DataSetVersion:
    return DataSetVersion(
        dataset_id=name, name=name, number=number, sha256=sha256, size=1, format="csv", role="test", owner="o", registered_by="o",
        registered_at=datetime(2026, 11, 28, tzinfo=UTC),
    )  # fmt: skip


VERSIONS = [version("churn", 1, OLD), version("churn", 2, NEW), version("once", 1, OTHER), version("twin", 4, OLD)]


@pytest.fixture
def registry() -> Any:
    """It keeps what it was asked."""
    asked: list[str] = []

    def of_bytes(sha256: str, limit: int) -> Page[DataSetVersion]:
        asked.append(sha256)
        return Page(items=tuple(one for one in VERSIONS if one.sha256 == sha256))

    def newest(name: str) -> DataSetVersion:
        asked.append(name)
        return max((one for one in VERSIONS if one.name == name), key=lambda one: one.number)

    return SimpleNamespace(datasets_of_bytes=of_bytes, dataset=newest, asked=asked)


def said(registry: Any, *digests: str) -> list[str]:
    names = DataNames(SimpleNamespace(registry=registry))  # type: ignore[arg-type]
    return [names.of(RunData(input="evaluation", sha256=digest)) for digest in digests]


def test_version_that_was_used_is_named_with_all_its_names_and_that_there_is_a_newer_one(registry: Any) -> None:
    assert said(registry, OLD) == ["churn 1 = twin 4 (aaaaaaaaaaaa, evaluation; the newest churn is 2)"]


def test_newest_version_is_named_alone(registry: Any) -> None:
    assert said(registry, NEW, OTHER) == ["churn 2 (bbbbbbbbbbbb, evaluation)", "once 1 (cccccccccccc, evaluation)"]


def test_only_name_is_not_repeated_for_the_newest(registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "VERSIONS", VERSIONS[:2])
    assert said(registry, OLD) == ["churn 1 (aaaaaaaaaaaa, evaluation; the newest is 2)"]


def test_data_without_a_name_have_their_whole_digest_and_each_digest_is_asked_for_once(registry: Any) -> None:
    unknown = "d" * 64
    assert said(registry, unknown, unknown) == [f"unnamed data {unknown} (evaluation)"] * 2
    assert registry.asked == [unknown]
