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


@pytest.fixture
def registry() -> Any:
    """It counts how often the versions of a name are read."""
    asked: list[str] = []

    def versions(name: str, limit: int) -> Page[DataSetVersion]:
        asked.append(name)
        return Page(items=(version(name, 2, NEW), version(name, 1, OLD)))

    newest = Page(items=(version("churn", 2, NEW), version("once", 1, OTHER)))
    return SimpleNamespace(datasets=lambda limit: newest, dataset_versions=versions, asked=asked)


def said(registry: Any, *digests: str) -> list[str]:
    names = DataNames(SimpleNamespace(registry=registry))  # type: ignore[arg-type]
    return [names.of(RunData(input="evaluation", sha256=digest)) for digest in digests]


def test_version_that_was_used_is_named_and_that_there_is_a_newer_one(registry: Any) -> None:
    assert said(registry, OLD) == ["churn 1 (aaaaaaaaaaaa, evaluation; the newest is 2)"]


def test_newest_version_is_named_without_reading_the_others(registry: Any) -> None:
    assert said(registry, NEW, OTHER) == ["churn 2 (bbbbbbbbbbbb, evaluation)", "once 1 (cccccccccccc, evaluation)"]
    assert registry.asked == []


def test_data_without_a_name_have_their_whole_digest_and_versions_are_read_once(registry: Any) -> None:
    unknown = "d" * 64
    assert said(registry, unknown, unknown, OLD)[0] == f"unnamed data {unknown} (evaluation)"
    assert registry.asked == ["churn"]
