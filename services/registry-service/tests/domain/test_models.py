"""Decisions about models and their names."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from placet_registry.domain.model_names import ModelName
from placet_registry.domain.models import TAG_LIMIT, Model
from placet_shared.errors import Conflict, Forbidden, Malformed, NotFound

TEXT = {"id": "t-1", "hmac": "00"}
REGISTERED = (Model.ModelRegistered, {"model_id": "m-1", "name": "churn", "description": None, "tags": {"team": "risk"}})

Given = Callable[..., Any]
Decided = Callable[..., list[tuple[str, dict[str, Any]]]]


def test_model_that_is_new_is_registered(at: datetime, decided: Decided) -> None:
    model = Model.register("m-1", "churn", description=TEXT, tags={"team": "risk"}, by_admin=False, at=at)
    assert decided(model) == [("ModelRegistered", {"model_id": "m-1", "name": "churn", "description": TEXT, "tags": {"team": "risk"}})]


def test_model_with_free_text_in_a_tag_is_refused(at: datetime) -> None:
    with pytest.raises(Malformed) as refused:
        Model.register("m-1", "churn", description=None, tags={"owner": "Alice from risk"}, by_admin=False, at=at)
    assert refused.value.errors[0].field == "tags.owner"


def test_model_described_anew_says_so(given: Given, decided: Decided, at: datetime) -> None:
    model = given(Model, "m-1", REGISTERED)
    model.describe(TEXT, at)
    assert decided(model) == [("ModelDescribed", {"model_id": "m-1", "description": TEXT})]


def test_model_without_description_loses_none(given: Given, decided: Decided, at: datetime) -> None:
    model = given(Model, "m-1", REGISTERED)
    model.describe(None, at)
    assert decided(model) == []


def test_model_gets_a_tag(given: Given, decided: Decided, at: datetime) -> None:
    model = given(Model, "m-1", REGISTERED)
    model.tag("tier", "1", by_admin=False, at=at)
    assert decided(model) == [("ModelTagged", {"model_id": "m-1", "key": "tier", "value": "1"})]
    assert model.tags == {"team": "risk", "tier": "1"}


def test_model_that_has_the_tag_stays_as_it_is(given: Given, decided: Decided, at: datetime) -> None:
    model = given(Model, "m-1", REGISTERED)
    model.tag("team", "risk", by_admin=False, at=at)
    assert decided(model) == []


def test_model_full_of_tags_takes_no_other(given: Given, decided: Decided, at: datetime) -> None:
    full = {**REGISTERED[1], "tags": {str(number): "x" for number in range(TAG_LIMIT)}}
    model = given(Model, "m-1", (Model.ModelRegistered, full))
    model.tag("0", "y", by_admin=False, at=at)
    with pytest.raises(Conflict) as refused:
        model.tag("one-more", "x", by_admin=False, at=at)
    assert refused.value.code == "too_many_tags"
    assert len(decided(model)) == 1


def test_model_full_of_a_developers_tags_takes_an_admins_and_the_other_way_round(given: Given, decided: Decided, at: datetime) -> None:
    for full, reserved in (("", True), ("governance/", False)):
        tags = {f"{full}{number}": "x" for number in range(TAG_LIMIT)}
        model = given(Model, "m-1", (Model.ModelRegistered, {**REGISTERED[1], "tags": tags}))
        model.tag("governance/risk" if reserved else "tier", "high", by_admin=reserved, at=at)
        assert len(decided(model)) == 1


def test_model_loses_a_tag(given: Given, decided: Decided, at: datetime) -> None:
    model = given(Model, "m-1", REGISTERED)
    model.untag("team", by_admin=False, at=at)
    assert decided(model) == [("ModelUntagged", {"model_id": "m-1", "key": "team"})]


def test_model_without_the_tag_refuses_to_lose_it(given: Given, at: datetime) -> None:
    model = given(Model, "m-1", REGISTERED, (Model.ModelUntagged, {"model_id": "m-1", "key": "team"}))
    with pytest.raises(NotFound) as refused:
        model.untag("team", by_admin=False, at=at)
    assert refused.value.code == "tag_not_found"


GOVERNED: dict[str, Any] = {**REGISTERED[1], "tags": {"governance/risk": "high"}}


def test_governance_tag_is_set_and_removed_by_an_admin(given: Given, decided: Decided, at: datetime) -> None:
    model = given(Model, "m-1", REGISTERED)
    model.tag("governance/risk", "high", by_admin=True, at=at)
    model.untag("governance/risk", by_admin=True, at=at)
    assert [event for event, _ in decided(model)] == ["ModelTagged", "ModelUntagged"]


def test_model_with_governance_tags_is_registered_by_an_admin(at: datetime, decided: Decided) -> None:
    model = Model.register("m-1", "churn", description=None, tags=GOVERNED["tags"], by_admin=True, at=at)
    assert decided(model) == [("ModelRegistered", GOVERNED)]


@pytest.mark.parametrize("key", ["governance/risk", "governance/", "governance//risk"])
def test_governance_tag_of_another_than_an_admin_is_refused_whatever_it_would_change(given: Given, at: datetime, key: str) -> None:
    model = given(Model, "m-1", (Model.ModelRegistered, {**REGISTERED[1], "tags": {key: "high"}}))
    for change in (
        lambda: Model.register("m-2", "fraud", description=None, tags={"team": "risk", key: "low"}, by_admin=False, at=at),
        lambda: model.tag(key, "low", by_admin=False, at=at),
        lambda: model.tag(key, "high", by_admin=False, at=at),
        lambda: model.untag(key, by_admin=False, at=at),
        lambda: model.untag(f"{key}/absent", by_admin=False, at=at),
    ):
        with pytest.raises(Forbidden) as refused:
            change()
        assert (refused.value.code, refused.value.facts["reserved_prefix"]) == ("tag_reserved", "governance/")


@pytest.mark.parametrize("key", ["governance", "governances/risk", "Governance/risk", "team/governance/risk"])
def test_tag_that_only_resembles_a_governance_tag_is_set_by_a_developer(given: Given, at: datetime, key: str) -> None:
    model = given(Model, "m-1", REGISTERED)
    model.tag(key, "high", by_admin=False, at=at)
    model.untag(key, by_admin=False, at=at)
    assert key not in model.tags


def test_model_numbers_its_versions_one_after_the_other(given: Given, decided: Decided, at: datetime) -> None:
    model = given(Model, "m-1", REGISTERED, (Model.VersionNumbered, {"model_id": "m-1", "version_id": "v-1", "number": 1}))
    assert [model.number("v-2", at), model.number("v-3", at)] == [2, 3]
    assert decided(model) == [
        ("VersionNumbered", {"model_id": "m-1", "version_id": "v-2", "number": 2}),
        ("VersionNumbered", {"model_id": "m-1", "version_id": "v-3", "number": 3}),
    ]


def test_name_that_is_free_is_reserved(at: datetime, decided: Decided) -> None:
    assert decided(ModelName.reserve("churn", "m-1", at)) == [("ModelNameReserved", {"name": "churn", "model_id": "m-1"})]


def test_name_in_two_normal_forms_has_one_stream(at: datetime) -> None:
    assert ModelName.reserve("cafe\u0301", "m-1", at).id == ModelName.reserve("caf\u00e9", "m-2", at).id


def test_name_in_another_letter_case_is_another_name() -> None:
    assert ModelName.key_of("Churn") != ModelName.key_of("churn")


def test_name_that_is_taken_is_refused_with_its_model(given: Given) -> None:
    name = given(ModelName, ModelName.key_of("churn"), (ModelName.ModelNameReserved, {"name": "churn", "model_id": "m-1"}))
    refused = name.refuse_another()
    assert (refused.code, refused.facts["model_id"]) == ("model_name_taken", "m-1")
    assert "m-1" in (refused.resolve or "")
