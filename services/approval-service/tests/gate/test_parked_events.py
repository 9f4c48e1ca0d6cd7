"""From an event that can't be applied to the gate's next yes: who looks, who decides, and what goes on afterwards."""

import asyncio
from collections.abc import Mapping
from typing import Any

import asyncpg
import orjson
import pytest

from placet_approval.incoming.known import FromRegistry
from placet_shared.access import Actor
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.parking import park
from placet_shared.bus.resolving import ParkedAt, SkipParkedEvent, skip_parked_event
from placet_shared.contracts import ParkedEventRetried, ParkedEventSkipped
from placet_shared.errors import Forbidden
from placet_shared.event_store import Metadata, Position
from placet_shared.identifiers import new_id
from placet_shared.testing import eventually

from ..conftest import Caller
from ..decisions.conftest import ARTIFACT
from .conftest import Town, verdict

pytestmark = pytest.mark.postgres

UNREADABLE = {"version_id": "v"}
WHY = {"reason": "It was registered by a tool that no longer exists, and never deployed."}
YES: tuple[str, bool, list[str]] = ("allow", True, [])
HELD_UP: tuple[str, bool, list[str]] = ("deny", False, ["unprocessed_event"])
WAITS_FOR_A_LOCK = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


async def until_parked(town: Town, position: Position) -> str:
    """Where the parked event is."""
    await eventually(lambda: town.connection.fetch("select 1 from parked_events where position = $1", position.position))
    return f"/v1/parked/registry/{position.position}"


async def held_up(town: Town) -> str:
    """A yes that became a no, because an event of its model can't be applied."""
    await town.an_approved_sign_off()
    assert verdict(await town.asks()) == YES
    place = await until_parked(town, await town.registry.says("VersionRegistered", town.model_id, UNREADABLE))
    assert verdict(await town.asks()) == HELD_UP
    return place


async def recorded(town: Town, type_: str) -> list[Mapping[str, Any]]:
    rows = await town.service.site.fetch("select subject, actor, data from events where type = $1 order by position", type_)
    return [{**row, "data": orjson.loads(row["data"])} for row in rows]


async def listed(town: Town) -> list[Mapping[str, Any]]:
    answer = await town.dora.get("/v1/parked")
    assert answer.status_code == 200, answer.text
    items: list[Mapping[str, Any]] = answer.json()["items"]
    return items


async def test_skipped_event_is_gone_and_the_gate_says_yes_again(town: Town) -> None:
    place = await held_up(town)
    answer = await town.dora.post(f"{place}/skip", WHY)
    assert (answer.status_code, answer.json()["parked"], answer.json()["applied"]) == (200, False, 0)
    assert verdict(await town.decides()) == YES
    assert await listed(town) == []
    (decision,) = await recorded(town, "ParkedEventSkipped")
    said = ParkedEventSkipped.model_validate(decision["data"])
    assert (decision["subject"], decision["actor"]) == (town.model_id, town.dora.id)
    assert (said.consumer, said.event_source, said.event_type) == ("registry", "registry", "VersionRegistered")
    assert WHY["reason"] not in str(decision)
    (text,) = await town.service.site.fetch("select body, kind from texts where id = $1", said.reason.id)
    assert tuple(text) == (WHY["reason"], "parked_event_skip")


async def test_what_queues_behind_a_skipped_event_goes_on(town: Town) -> None:
    place = await held_up(town)
    town.in_haste = True
    await town.registers(2, artifact="2" * 64)
    behind = (await town.registry.head()).position
    await until_parked(town, Position("registry", 1, behind))
    blocking, queued = await listed(town)
    assert (blocking["blocks"], blocking["behind"], blocking["holds_up"]) == (True, [], 1)
    assert (queued["blocks"], queued["behind"], queued["holds_up"]) == (False, [blocking["position"]], 0)
    assert blocking["reason"].startswith("KeyError")
    assert queued["reason"] is None
    early = await town.dora.post(f"/v1/parked/registry/{behind}/skip", WHY)
    assert (early.status_code, early.json()["code"]) == (409, "queued_behind")
    assert f"at position {blocking['position']} first" in early.json()["resolve"]
    assert (await town.dora.post(f"{place}/skip", WHY)).json()["applied"] == 1
    assert verdict(await town.asks(environment="dev", digest="2" * 64)) == YES


async def test_retried_event_that_still_fails_stays_and_counts_its_attempts(town: Town) -> None:
    place = await held_up(town)
    answer = await town.dora.post(f"{place}/retry")
    assert (answer.status_code, answer.json()["parked"], answer.json()["applied"]) == (200, True, 0)
    assert (await town.dora.get(place)).json()["attempts"] == 1
    assert verdict(await town.asks()) == HELD_UP
    (act,) = await recorded(town, "ParkedEventRetried")
    assert ParkedEventRetried.model_validate(act["data"]).attempts == 0


async def test_retried_event_whose_cause_is_repaired_is_applied(town: Town) -> None:
    await town.an_approved_sign_off()
    await town.service.site.fetch("alter table known_models_g1 add constraint no_whales check (name <> 'whale')")
    whale = new_id()
    data: dict[str, Any] = {"model_id": whale, "name": "whale", "description": None, "tags": {}}
    place = await until_parked(town, await town.registry.says("ModelRegistered", whale, data))
    shown = (await town.dora.get(place)).json()
    assert "no_whales" in shown["reason"]
    assert shown["event"]["data"] == data
    await town.service.site.fetch("alter table known_models_g1 drop constraint no_whales")
    answer = await town.dora.post(f"{place}/retry")
    assert (answer.json()["parked"], answer.json()["applied"]) == (False, 1)
    assert await town.connection.fetchval("select name from known_models where model_id = $1", whale) == "whale"


@pytest.mark.parametrize("way", ["retry", "skip"])
@pytest.mark.parametrize("who", ["bob", "ci"])
async def test_only_an_admin_resolves_and_the_refusal_is_recorded(town: Town, who: str, way: str) -> None:
    place = await held_up(town)
    caller: Caller = getattr(town, who)
    answer = await caller.post(f"{place}/{way}", WHY if way == "skip" else None)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_required")
    (refusal,) = await recorded(town, "ActionRefused")
    assert (refusal["actor"], refusal["data"]["action"]) == (caller.id, f"{way}_parked_event")
    assert verdict(await town.asks()) == HELD_UP


async def test_system_decides_nothing_whatever_its_roles(town: Town) -> None:
    """approval-service gives no service account the role; should one have it all the same, it is no person."""
    place = await held_up(town)
    robot = Actor("robot", "service_account", frozenset({"admin"}), "token")
    command = SkipParkedEvent(ParkedAt("registry", int(place.rpartition("/")[2])), WHY["reason"])
    with pytest.raises(Forbidden, match="person's decision"):
        await town.store.execute(skip_parked_event, command, town.store.pool, metadata=Metadata(robot.id, new_id()), actor=robot)
    (refusal,) = await recorded(town, "ActionRefused")
    assert (refusal["subject"], refusal["data"]["code"]) == (town.model_id, "person_required")
    assert verdict(await town.asks()) == HELD_UP


async def test_reading_is_for_auditors_and_admins(town: Town) -> None:
    place = await held_up(town)
    erin = await town.service.person("erin", "auditor")
    for path in ("/v1/parked", place):
        assert [(await who.get(path)).status_code for who in (erin, town.dora, town.bob)] == [200, 200, 403]


async def test_reason_is_needed(town: Town) -> None:
    place = await held_up(town)
    for body in (None, {}, {"reason": ""}):
        assert (await town.dora.post(f"{place}/skip", body)).status_code == 422
    assert len(await listed(town)) == 1


async def test_event_that_is_not_parked_is_not_found(town: Town) -> None:
    await held_up(town)
    for path in ("/v1/parked/registry/1", "/v1/parked/nobody/1"):
        answers = [await town.dora.get(path), await town.dora.post(f"{path}/retry"), await town.dora.post(f"{path}/skip", WHY)]
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "parked_event_not_found")] * 3


async def test_who_has_seen_the_parked_event_is_not_kept_waiting_for_it_here(town: Town) -> None:
    place = await held_up(town)
    seen = {"Placet-Seen": str(await town.registry.head())}
    assert (await town.dora.get("/v1/gate", headers=seen, params={"environment": "prod", "digest": "a" * 64})).status_code == 503
    assert (await town.dora.get("/v1/parked", headers=seen)).status_code == 200
    assert (await town.dora.post(f"{place}/skip", WHY, headers=seen)).status_code == 200


async def test_skip_sent_again_with_its_key_has_one_effect_and_one_answer(town: Town) -> None:
    place = await held_up(town)
    first, again = [await town.dora.post(f"{place}/skip", WHY, {"Idempotency-Key": "one"}) for _ in range(2)]
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["event_id"] == again.json()["event_id"]
    assert len(await recorded(town, "ParkedEventSkipped")) == 1


async def test_event_resolved_by_another_at_the_same_moment_is_not_skipped_on_record(town: Town) -> None:
    """The other one holds the row; the skip has looked it up and waits in its append, and then finds nothing to remove."""
    place = await held_up(town)
    other: asyncpg.Connection = await asyncpg.connect(town.service.site.superuser_url)
    try:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("delete from approval.parked_events")
        skipping = asyncio.create_task(town.dora.post(f"{place}/skip", WHY))
        await eventually(lambda: town.connection.fetch(WAITS_FOR_A_LOCK))
        await transaction.commit()
        answer = await skipping
    finally:
        await other.close()
    assert (answer.status_code, answer.json()["code"]) == (404, "parked_event_not_found")
    assert await recorded(town, "ParkedEventSkipped") == []
    assert [refusal["data"]["action"] for refusal in await recorded(town, "ActionRefused")] == ["skip_parked_event"]


async def test_parked_event_of_another_model_that_names_the_same_bytes_holds_up_every_question_about_them(town: Town) -> None:
    """Who trained the bytes may stand in it, so neither a yes nor a request can be decided, however the version is named."""
    await town.an_approved_sign_off()
    data = {**UNREADABLE, "artifact": {"sha256": ARTIFACT}, "lineage": {"trained_by": [town.bob.id]}}
    await until_parked(town, await town.registry.says("VersionRegistered", new_id(), data))
    for question in ({"version_id": town.version_id}, {"model": "fraud", "number": 1}, {"digest": ARTIFACT, "model": "fraud"}):
        assert verdict(await town.asks(environment="prod", **question)) == HELD_UP, question
    refused = await town.request()
    assert (refused.status_code, refused.json()["code"]) == (503, "unprocessed_event")


@pytest.mark.parametrize(("type_", "then"), [("DataSetRegistered", YES), ("BlobStored", HELD_UP)])
async def test_parked_event_holds_up_the_gate_unless_no_decision_depends_on_it(
    town: Town, type_: str, then: tuple[str, bool, list[str]]
) -> None:
    """Also one that names the bytes in question."""
    await town.an_approved_sign_off()
    said = await town.registry.says(type_, new_id(), {"sha256": ARTIFACT})
    await town.all_arrived()
    (event,) = [event for event in (await town.registry.source.read(Cursor())).events if event.position == said.position]
    await park(town.connection, "registry", event, FromRegistry().subjects(event), "ValueError: it can't be applied")
    assert verdict(await town.asks()) == then
