"""Drafts for some models replay the sign-offs of these: those that the draft would be in force for, beside the policies that are."""

from dataclasses import replace
from typing import Any

import pytest

from .conftest import Bank
from .releases import PRICING, a_version_of
from .test_policy_replay_api import PROD, outcomes, replayed
from .test_policy_selection import defines, tagged

pytestmark = pytest.mark.postgres

TAGS = {"tags": {"governance/risk": "high"}}
MORE = [{"role": "reviewer", "count": 2}, {"role": "risk-officer"}]
FLOOR = {"kind": "Floor", "environment": "prod", "name": "bank", "signatures": MORE}


@pytest.fixture
async def signed(bank: Bank) -> Bank:
    """An approved sign-off of fraud, which is tagged, and one of pricing."""
    await bank.an_approved_sign_off()
    model_id, version_id = await a_version_of(bank, "pricing", PRICING)
    await replace(bank, model_id=model_id, version_id=version_id).an_approved_sign_off()
    await tagged(bank)
    return bank


def models(found: dict[str, Any]) -> list[str]:
    """Those whose sign-offs the draft would have changed."""
    assert found["replayed"] == len(found["examples"])
    return sorted(one["model"] for one in found["examples"])


async def replayed_models(bank: Bank, **draft: Any) -> list[str]:
    """By a draft that asks for more than people signed; one that leaves a field out names it with None."""
    answer = await bank.alice.post("/v1/policies/replay", {name: value for name, value in draft.items() if value is not None})
    assert answer.status_code == 200, answer.text
    return models(answer.json())


STRICT = {**PROD, "signatures": MORE}


async def test_draft_for_every_model_replays_all(signed: Bank) -> None:
    assert await replayed_models(signed, **STRICT) == ["fraud", "pricing"]


@pytest.mark.parametrize(
    ("selected", "found"),
    [
        (TAGS, ["fraud"]),
        ({"models": ["pricing"]}, ["pricing"]),
        ({"models": ["pri*"]}, ["pricing"]),
        ({"models": ["pricing"], **TAGS}, ["fraud", "pricing"]),
        ({"models": ["other"]}, []),
    ],
)
async def test_draft_for_some_models_replays_theirs(signed: Bank, selected: dict[str, Any], found: list[str]) -> None:
    assert await replayed_models(signed, **STRICT, name="draft", **{"for": selected}) == found


async def test_draft_of_the_environments_own_leaves_out_models_with_a_policy_of_their_own(signed: Bank) -> None:
    await defines(signed, PROD, name="high", **{"for": TAGS})
    assert await replayed_models(signed, **STRICT) == ["pricing"]
    await tagged(signed, None)
    assert await replayed_models(signed, **STRICT) == ["fraud", "pricing"], "by the tags of today"


async def test_policy_that_was_withdrawn_takes_no_model_from_a_draft(signed: Bank) -> None:
    await defines(signed, PROD, name="high", **{"for": TAGS})
    assert (await signed.dora.post("/v1/policies/prod/high/withdrawal", {"reason": "not used"})).status_code == 201
    assert await replayed_models(signed, **STRICT) == ["fraud", "pricing"]
    assert await replayed_models(signed, **STRICT, name="draft", **{"for": {"models": ["f*"]}}) == ["fraud"]


async def test_draft_that_a_more_specific_policy_comes_before_replays_the_rest(signed: Bank) -> None:
    await defines(signed, PROD, name="high", **{"for": TAGS})
    assert await replayed_models(signed, **STRICT, name="draft", **{"for": {"models": ["f*", "p*"]}}) == ["pricing"]
    assert await replayed_models(signed, **STRICT, name="draft", **{"for": {"models": ["fraud"]}}) == ["fraud"], "a name before a tag"


async def test_draft_that_is_as_specific_as_a_policy_is_in_force_beside_it(signed: Bank) -> None:
    """Both count, so that what the draft asks for is asked for too."""
    await defines(signed, PROD, name="a-first", **{"for": {"models": ["fraud"]}})
    assert await replayed_models(signed, **STRICT, name="draft", **{"for": {"models": ["fraud"]}}) == ["fraud"]


async def test_draft_of_a_name_that_is_taken_stands_in_for_that_policy(signed: Bank) -> None:
    await defines(signed, PROD, name="high", **{"for": TAGS})
    assert await replayed_models(signed, **STRICT, name="high", **{"for": {"models": ["pricing"]}}) == ["pricing"]


async def test_floor_is_replayed_as_the_own_policy_that_it_raises(signed: Bank) -> None:
    assert await replayed_models(signed, **FLOOR) == ["fraud", "pricing"]
    assert await replayed_models(signed, **FLOOR, **{"for": TAGS}) == ["fraud"]
    await defines(signed, PROD, name="high", **{"for": TAGS})
    assert await replayed_models(signed, **FLOOR, **{"for": TAGS}) == ["fraud"], "a floor raises each policy"


async def test_floor_that_asks_for_nothing_new_changes_no_sign_off(signed: Bank) -> None:
    answer = await signed.alice.post("/v1/policies/replay", {**FLOOR, "signatures": [{"role": "reviewer"}]})
    assert (answer.json()["replayed"], outcomes(answer.json())) == (2, {"same": 2})


async def test_number_that_are_replayed_counts_those_that_were_read(signed: Bank) -> None:
    """Else a draft for one model among thousands would read them all."""
    found = await replayed(signed.alice, "?most=1", signatures=MORE, name="draft", **{"for": TAGS})
    assert (found["replayed"], found["complete"]) == (0, False), "the newest one is of pricing"
