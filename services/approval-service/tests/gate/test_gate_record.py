"""Durable decisions and counted questions."""

import asyncio
from typing import Any

import asyncpg
import orjson
import pytest

from placet_approval.workers.gate_count import GateCount
from placet_shared.contracts.approval_gate import GateQuestionsCounted

from ..conftest import Site, serving
from ..decisions.conftest import ARTIFACT
from .conftest import BY_DIGEST, Town

pytestmark = pytest.mark.postgres


async def counted(site: Site) -> list[tuple[str, dict[str, Any]]]:
    rows = await site.fetch("select actor, data from events where type = 'GateQuestionsCounted' order by position")
    return [(row["actor"], orjson.loads(row["data"])) for row in rows]


async def test_decision_is_found_again_by_its_id(town: Town) -> None:
    path = await town.an_approved_sign_off()
    made = await town.ci.post("/v1/gate", BY_DIGEST)
    body = made.json()
    assert (made.status_code, made.headers["location"]) == (201, f"/v1/gate/decisions/{body['id']}")
    assert made.headers["placet-position"].startswith("approval:1:")
    seen = (await town.alice.get(made.headers["location"])).json()
    assert {name: seen[name] for name in ("verdict", "decided", "positions", "policy", "version_id", "artifact_sha256")} == {
        name: body[name] for name in ("verdict", "decided", "positions", "policy", "version_id", "artifact_sha256")
    }
    assert (seen["verdict"], seen["decided_by"], f"/v1/sign-offs/{seen['sign_off_id']}") == ("allow", town.ci.id, path)
    missing = await town.alice.get("/v1/gate/decisions/0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c13")
    assert (missing.status_code, missing.json()["code"]) == (404, "gate_decision_not_found")


async def test_decision_asked_for_again_with_its_key_is_the_same_one(town: Town) -> None:
    await town.an_approved_sign_off()
    first, *others = await asyncio.gather(*[town.decides(key="deploy-7") for _ in range(4)])
    assert [*others, await town.decides(key="deploy-7")] == [first] * 4
    assert (await town.service.site.event_types()).count("GateDecisionMade") == 1


async def test_decision_for_the_record_needs_a_role_and_the_refusal_is_recorded(town: Town) -> None:
    refused = await town.bob.post("/v1/gate", BY_DIGEST)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_required")
    [row] = await town.service.site.fetch("select data from events where type = 'ActionRefused'")
    assert orjson.loads(row["data"])["action"] == "make_gate_decision"


async def test_no_without_a_record_of_it_never_happens(town: Town) -> None:
    await town.decides(environment="moon", digest="9" * 64)
    [row] = await town.service.site.fetch("select subject, data from events where type = 'GateDecisionMade'")
    decided = orjson.loads(row["data"])
    assert (row["subject"], decided["reasons"], decided["version_id"]) == ("moon", ["unknown_environment", "unknown_digest"], None)


def gate_count(town: Town) -> GateCount:
    counter = town.service.services.gate_count
    assert isinstance(counter, GateCount)
    return counter


async def test_questions_are_counted_per_asker_and_made_durable(town: Town) -> None:
    for _ in range(3):
        await town.asks(environment="dev", digest=ARTIFACT)
    await town.asks()
    await town.asks(environment="moon", digest=ARTIFACT)
    await town.ci.get("/v1/gate", params=BY_DIGEST)
    assert await counted(town.service.site) == []
    await asyncio.gather(*[gate_count(town).flush() for _ in range(2)])
    found = {actor: GateQuestionsCounted.model_validate(data) for actor, data in await counted(town.service.site)}
    assert {(one.environment, one.verdict): one.count for one in found[town.alice.id].questions} == {
        ("dev", "allow"): 3,
        ("prod", "deny"): 1,
        (None, "deny"): 1,
    }
    assert [one.count for one in found[town.ci.id].questions] == [1]
    assert len(await counted(town.service.site)) == 2
    await gate_count(town).flush()
    assert len(await counted(town.service.site)) == 2, "nothing new, no event"


async def test_questions_are_durable_when_the_service_stops(site: Site) -> None:
    async with serving(site) as service:
        await service.dora.get("/v1/gate", params=BY_DIGEST)
    [(actor, data)] = await counted(site)
    assert (actor, data["questions"]) == (service.dora.id, [{"environment": None, "verdict": "deny", "count": 1}])


async def test_questions_that_can_not_be_written_now_stay_counted(town: Town) -> None:
    count, site = gate_count(town), town.service.site
    await town.asks()
    functions = (
        "select oid::regprocedure::text as name from pg_proc where pronamespace = 'approval'::regnamespace and proname like 'append%'"
    )
    names = ", ".join(row["name"] for row in await site.fetch(functions))
    await site.fetch(f"revoke execute on function {names} from placet_approval")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await count.flush()
    assert await counted(site) == []
    await site.fetch(f"grant execute on function {names} to placet_approval")
    await count.flush()
    assert [data["questions"] for _, data in await counted(site)] == [[{"environment": "prod", "verdict": "deny", "count": 1}]]
