"""Names instead of ids, read once each; an id that has no name stays an id."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from placet.printing.subjects import SubjectNames
from placet.printing.versions import VersionNames
from placet_client import ClientError

MODEL, GONE = "01a220f5-bc44-75e4-83e8-2703509da129", "01a220f5-bcad-719c-892c-27cfa00cf2b1"


class Registry:
    """One model with one version."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def model(self, model_id: str) -> Any:
        self.asked.append(model_id)
        if model_id != MODEL:
            raise ClientError("There is no such model.", "")
        return SimpleNamespace(name="fraud")

    def version_by_id(self, version_id: str) -> Any:
        self.model(version_id)
        return SimpleNamespace(model_name="fraud", number=3)

    def versions(self, limit: int, sha256: str) -> Any:
        return SimpleNamespace(items=(self.version_by_id(MODEL),) if sha256 == "a" * 64 else ())


@pytest.fixture
def placet() -> Any:
    bob = SimpleNamespace(person_id="b", name="bob")
    approval = SimpleNamespace(people=lambda limit: SimpleNamespace(items=(bob,)), service_accounts=lambda limit: SimpleNamespace(items=()))
    return SimpleNamespace(registry=Registry(), approval=approval)


def twice(of: Callable[[str], str], *ids: str) -> list[str]:
    return [of(one) for one in (*ids, *ids)]


def test_subject_is_a_person_or_a_model_by_name_or_stays_as_it_is(placet: Any) -> None:
    assert twice(SubjectNames(placet).of, "b", MODEL, GONE, "environment:prod") == ["bob", "fraud", GONE, "environment:prod"] * 2
    assert placet.registry.asked == [MODEL, GONE]


def test_version_is_its_model_and_number_or_its_id(placet: Any) -> None:
    assert twice(VersionNames(placet).of, MODEL, GONE) == ["fraud/3", GONE] * 2
    assert placet.registry.asked == [MODEL, GONE]


def test_artifact_is_the_versions_that_have_it_or_its_digest(placet: Any) -> None:
    assert twice(VersionNames(placet).of_artifact, "a" * 64, "b" * 64) == ["fraud/3", "b" * 12] * 2
