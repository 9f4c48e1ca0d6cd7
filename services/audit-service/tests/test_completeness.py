"""How complete an answer is: as of which entry, how far behind each source, and what it says while one is silent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from placet_audit.ports import Heard, Said
from placet_audit.queries.completeness import lag_seconds
from placet_shared.event_store import Position
from placet_shared.testing import eventually

from .conftest import Audit, running_audit
from .sources import ERIN
from .story import registered

PATHS = ["/v1/timeline", "/v1/as-of", "/v1/sources"]


def at(position: int, epoch: int = 1) -> Position:
    return Position("registry", epoch, position)


@pytest.mark.parametrize(
    ("last", "recorded", "reachable", "said", "lag"),
    [
        (at(5), 900.0, True, [(at(5), 0.0)], 0.0),
        (at(0), None, True, [(at(0), 0.0)], 0.0),
        (at(5), 900.0, False, [(at(5), 30.0)], 30.0),
        (at(5), 900.0, True, [(at(6), 0.0), (at(5), 12.0)], 12.0),
        (at(5), 900.0, False, [(at(6), 7.0), (at(5), 12.0)], 12.0),
        (at(4), 900.0, False, [(at(6), 7.0), (at(5), 12.0)], 900.0),
        (at(5), 900.0, False, [], 900.0),
        (at(0), None, False, [], None),
        (at(0), None, True, [(at(3), 0.0)], None),
        (at(5), 900.0, True, [(at(4, epoch=2), 0.0)], 900.0),
        (at(5), 900.0, True, [(at(4), 0.0)], 0.0),
    ],
    ids=[
        "all is here", "nothing ever happened", "silent since it said that all is here", "behind since it last said so",
        "behind and silent", "the views never had what was followed", "never heard since the start", "never heard at all",
        "heard, and nothing is here", "restored, and told something new", "restored, and nothing new",
    ],
)  # fmt: skip
def test_lag_of_a_source(
    last: Position, recorded: float | None, reachable: bool, said: list[tuple[Position, float]], lag: float | None
) -> None:
    assert lag_seconds(last, recorded, Heard(reachable, [Said(head, seconds) for head, seconds in said])) == lag


@pytest.mark.postgres
@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_says_how_complete_it_is(audit: Audit, path: str) -> None:
    nothing = await audit.get(path)
    assert (nothing["as_of_index"], nothing["as_of_time"], nothing["lag_seconds"]) == (-1, None, 0.0)
    await audit.happened((audit.registry, registered()), (audit.approval, registered("model-2", "two")))
    answer = await audit.get(path)
    assert answer["as_of_index"] == 1
    assert answer["lag_seconds"] == 0.0
    shown = {source["source"]: (source["position"], source["head"], source["reachable"]) for source in answer["sources"]}
    assert shown == {"approval": (1, 1, True), "audit": (0, 0, True), "registry": (1, 1, True), "verification": (0, 0, True)}


@pytest.mark.postgres
async def test_source_that_is_down_is_named_with_a_lag_that_grows(audit: Audit) -> None:
    await audit.happened((audit.registry, registered()))
    await audit.registry.stop()
    lags = []
    for path in PATHS:
        answer = await audit.get(path, model="nobody") if path == "/v1/timeline" else await audit.get(path)
        [registry] = [source for source in answer["sources"] if source["source"] == "registry"]
        assert (registry["reachable"], registry["position"], registry["head"]) == (False, 1, 1)
        assert answer["lag_seconds"] >= registry["lag_seconds"] > 0
        lags.append(registry["lag_seconds"])
    assert lags == sorted(set(lags))


@pytest.mark.postgres
async def test_source_that_comes_back_is_no_longer_behind(audit: Audit) -> None:
    await audit.happened((audit.registry, registered()))
    await audit.registry.stop()
    assert (await audit.get("/v1/sources"))["lag_seconds"] > 0
    await audit.registry.serve()
    await audit.happened((audit.registry, registered("model-2", "two")))
    answer = await audit.get("/v1/sources")
    assert (answer["lag_seconds"], answer["as_of_index"]) == (0.0, 1)


@pytest.mark.postgres
async def test_restarted_service_knows_that_a_silent_source_may_have_more(audit: Audit) -> None:
    await audit.happened((audit.registry, registered()))
    await audit.registry.stop()
    async with running_audit(audit.site, audit.registry) as (_, client):
        answer = await client.get("/v1/sources", headers={"Authorization": f"Bearer {ERIN}"})
    [registry] = [source for source in answer.json()["sources"] if source["source"] == "registry"]
    assert (registry["reachable"], registry["head"], registry["position"]) == (False, None, 1)
    assert registry["lag_seconds"] > 0


@asynccontextmanager
async def views_standing_still(audit: Audit) -> AsyncIterator[None]:
    """No process can project while this lasts."""
    async with audit.site.superuser() as superuser, superuser.transaction():
        await superuser.execute("set local idle_in_transaction_session_timeout = 0; select * from projection_marks for update")
        yield


@pytest.mark.postgres
async def test_answer_whose_views_are_behind_the_log_does_not_look_complete(audit: Audit) -> None:
    await audit.happened((audit.registry, registered()))
    async with views_standing_still(audit):
        await audit.registry.record(registered("model-2", "two"))
        await eventually(partial(audit.site.fetch, "select 1 from entries where index = 1"))
        audit.seen.clear()
        answer = await audit.get("/v1/timeline")
        assert [line["index"] for line in answer["items"]] == [0]
        [registry] = [source for source in answer["sources"] if source["source"] == "registry"]
        assert (answer["as_of_index"], registry["position"], registry["head"]) == (0, 1, 2)
        assert answer["lag_seconds"] > 0


@pytest.mark.postgres
async def test_who_has_seen_more_than_the_views_show_gets_no_answer_from_before(audit: Audit) -> None:
    await audit.happened((audit.registry, registered()))
    async with views_standing_still(audit):
        audit.seen["registry"] = await audit.registry.record(registered("model-2", "two"))
        answer = await audit.ask("/v1/timeline")
        assert (answer.status_code, answer.json()["code"]) == (503, "behind")
    assert await audit.types() == ["ModelRegistered", "ModelRegistered"]
