"""How a model is judged, over HTTP: by admins alone, as tags that plans select by, with a reason that is kept."""

from typing import Any

import orjson
import pytest

from .conftest import Registry

pytestmark = pytest.mark.postgres

WHY = "It decides on loans of private people."


async def test_model_is_qualified_with_tags_and_a_reason(registry: Registry) -> None:
    model_id = await registry.a_model()
    path = f"/v1/models/{model_id}/qualify"
    answer = await registry.dora.post(path, json={"risk_tier": "high", "value": "medium", "reason": WHY})
    assert answer.status_code == 200, answer.text
    assert answer.json()["tags"] == {"governance/risk-tier": "high", "governance/value": "medium"}
    await registry.dora.post(path, json={"value": "low", "reason": "Fewer loans than was thought."})
    seen = (await registry.erin.get(f"/v1/models/{model_id}")).json()["qualification"]
    assert (seen["risk_tier"], seen["value"], seen["risk"], seen["reason"]["text"]) == (
        "high", "low", None, "Fewer loans than was thought.",
    )  # fmt: skip
    assert seen["by"] == registry.approval.people["dora"]
    judged = [orjson.loads(one["data"]) for one in await registry.events("ModelQualified")]
    assert [(one["risk_tier"], one["value"]) for one in judged] == [("high", "medium"), ("high", "low")]
    assert WHY not in str(judged)
    assert len(await registry.events("ModelTagged")) == 3


async def test_judging_a_model_the_same_again_is_kept(registry: Registry) -> None:
    model_id = await registry.a_model()
    for why in (WHY, "Looked at again after a year."):
        answer = await registry.dora.post(f"/v1/models/{model_id}/qualify", json={"risk": "high", "reason": why})
        assert answer.status_code == 200
    assert (len(await registry.events("ModelQualified")), len(await registry.events("ModelTagged"))) == (2, 1)


@pytest.mark.parametrize(
    ("who", "body", "status", "code"),
    [
        ("alice", {"risk_tier": "low", "reason": WHY}, 403, "tag_reserved"),
        ("dora", {"risk_tier": "enormous", "reason": WHY}, 422, "malformed"),
        ("dora", {"risk_tier": "low"}, 422, "malformed"),
        ("dora", {"reason": WHY}, 422, "malformed"),
        ("dora", {"risk_tier": "low", "reason": "x" * 80_000}, 422, "malformed"),
    ],
)
async def test_who_may_not_or_says_nothing_qualifies_no_model(
    registry: Registry, who: str, body: dict[str, Any], status: int, code: str
) -> None:
    model_id = await registry.a_model()
    answer = await getattr(registry, who).post(f"/v1/models/{model_id}/qualify", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert await registry.events("ModelQualified") == []
