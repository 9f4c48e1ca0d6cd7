"""How many runs may be open: what is refused changes nothing and says what would help, however many ask at once."""

import asyncio
from typing import Any

import httpx
import pytest

from placet_shared.access import Actor
from placet_shared.testing import connected, eventually
from placet_verification.app import verification_app

from .. import builders, onnx_models
from ..conftest import Caller, Service, Site, actors
from .test_runs_api import planned

pytestmark = pytest.mark.postgres

WAITS_FOR_LOCK = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"
BODY = {"version_id": "version-1", "environment": "prod"}


async def with_limits(site: Site, **limits: int) -> Service:
    """A service with these limits, a plan and a version."""
    site.limits = limits
    service = await actors(site)
    await planned(service)
    site.around.register("version-1", onnx_models.logistic())
    return service


def another(service: Service, name: str) -> Caller:
    token = service.site.around.issue(Actor(f"person-{name}", "person", frozenset({"developer"}), f"token-{name}"))
    return Caller(service.developer.client, {"Authorization": f"Bearer {token}"})


async def jobs(service: Service) -> int:
    return len(await service.site.fetch("select from jobs"))


async def test_one_person_has_so_many_open_runs_and_others_go_on(site: Site) -> None:
    service = await with_limits(site, open_runs_per_person=2)
    for _ in range(2):
        assert (await service.developer.post("/v1/runs", BODY)).status_code == 202
    events = await service.site.event_types()
    refused = await service.developer.post("/v1/runs", BODY)
    assert (refused.status_code, refused.headers["Content-Type"]) == (429, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0
    problem = refused.json()
    assert (problem["code"], problem["facts"]) == ("too_many_open_runs", {"limit": 2, "open": 2, "requested": 1, "place": 3})
    assert "2 runs" in problem["detail"]
    assert "placet runs cancel" in problem["resolve"]
    assert (await jobs(service), await service.site.event_types()) == (2, events)
    assert (await another(service, "bob").post("/v1/runs", BODY)).status_code == 202


async def test_room_is_there_again_when_a_run_has_ended(site: Site) -> None:
    service = await with_limits(site, open_runs_per_person=1)
    assert (await service.developer.post("/v1/runs", BODY)).status_code == 202
    assert (await service.developer.post("/v1/runs", BODY)).status_code == 429
    await service.site.work_off()
    assert (await service.developer.post("/v1/runs", BODY)).status_code == 202


async def test_a_full_queue_refuses_everybody(site: Site) -> None:
    service = await with_limits(site, open_runs=1)
    assert (await service.developer.post("/v1/runs", BODY)).status_code == 202
    refused = await another(service, "bob").post("/v1/runs", BODY)
    assert (refused.status_code, refused.json()["code"]) == (429, "queue_full")
    assert refused.json()["facts"] == {"limit": 1, "open": 1, "requested": 1, "place": 2}


async def test_a_run_that_a_worker_holds_is_open_too(site: Site) -> None:
    service = await with_limits(site, open_runs_per_person=1)
    assert (await service.developer.post("/v1/runs", BODY)).status_code == 202
    assert await (await service.site.worker()).queue.claim() is not None
    assert (await service.developer.post("/v1/runs", BODY)).status_code == 429


async def test_a_set_of_runs_counts_all_of_them_and_is_begun_whole_or_not_at_all(site: Site) -> None:
    service = await with_limits(site, open_runs_per_person=3)
    await service.publish({**builders.plan_without_data(), "name": "second"})
    assert len(await service.verify("version-1")) == 2
    refused = await service.developer.post("/v1/verifications", BODY)
    assert (refused.status_code, refused.json()["facts"]) == (429, {"limit": 3, "open": 2, "requested": 2, "place": 3})
    assert await jobs(service) == 2
    assert (await service.developer.post("/v1/runs", {**BODY, "plan": "second"})).status_code == 202


async def test_a_repeated_request_gets_its_answer_though_there_is_no_room(site: Site) -> None:
    service = await with_limits(site, open_runs_per_person=1)
    answers = [await service.developer.post("/v1/runs", BODY, **{"Idempotency-Key": "k-1"}) for _ in range(3)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    assert await jobs(service) == 1


async def test_a_refusal_is_not_kept_under_its_key(site: Site) -> None:
    service = await with_limits(site, open_runs_per_person=1)
    await service.developer.post("/v1/runs", BODY)
    assert (await service.developer.post("/v1/runs", BODY, **{"Idempotency-Key": "k-1"})).status_code == 429
    await service.site.work_off()
    assert (await service.developer.post("/v1/runs", BODY, **{"Idempotency-Key": "k-1"})).status_code == 202


@pytest.mark.parametrize("limits", [{"open_runs_per_person": 5}, {"open_runs": 5}])
async def test_requests_at_the_same_moment_to_two_processes_do_not_pass_the_limit(site: Site, limits: dict[str, int]) -> None:
    service = await with_limits(site, **limits)
    app = verification_app(site.settings(**limits), site.around.open)
    await site.stack.enter_async_context(app.router.lifespan_context(app))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    beside = await site.stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://beside"))
    callers = [service.developer, Caller(beside, service.developer.headers)]
    answers = await asyncio.gather(*(callers[number % 2].post("/v1/runs", BODY) for number in range(40)))
    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [429] * 35
    assert await jobs(service) == 5
    assert (await service.site.event_types()).count("RunRequested") == 5


async def test_the_append_counts_again_what_the_request_has_counted(site: Site) -> None:
    """The last free place is taken between the two: the request is decided anew, and nothing of it is left."""
    service = await with_limits(site, open_runs_per_person=1)
    async with connected(site.superuser_url, site.schema) as other, other.transaction():
        await other.fetchval("select pg_advisory_xact_lock(append_lock())")
        asked: asyncio.Task[Any] = asyncio.create_task(service.developer.post("/v1/runs", BODY))
        await other.execute("insert into jobs (run_id, requested_by, model_id) values ('other', 'person-alice', 'm')")
        await eventually(lambda: other.fetchval(WAITS_FOR_LOCK))
    assert (await asked).status_code == 429
    assert [row["run_id"] for row in await service.site.fetch("select run_id from jobs")] == ["other"]
    assert "RunRequested" not in await service.site.event_types()
