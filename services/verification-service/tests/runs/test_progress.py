"""Following a run over a real socket: each step once, to its end, and a thousand who follow cost what one costs."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from placet_shared.bus.waiters import Waiters
from placet_shared.testing import eventually, served
from placet_shared.web.limits import Limits
from placet_verification.app import verification_app

from .. import onnx_models
from ..conftest import Service
from .test_runs_api import planned, requested

pytestmark = pytest.mark.postgres

MANY = 300


@dataclass
class Followers:
    """Clients of a second process on the same database."""

    client: httpx.AsyncClient
    waiters: Waiters[str, Any]
    headers: dict[str, str]

    @asynccontextmanager
    async def follow(self, run_id: str, last: str | None = None) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The events of a stream: `id` and `event` as they came, and the members of `data`."""
        headers = {**self.headers, **({"Last-Event-ID": last} if last else {})}
        async with self.client.stream("GET", f"/v1/runs/{run_id}/progress", headers=headers, timeout=60) as response:
            assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
            yield _events(response)

    async def until_following(self, number: int) -> None:
        async def so_many() -> bool:
            return self.waiters.count == number

        await eventually(so_many)


async def _events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    event: dict[str, str] = {}
    async for line in response.aiter_lines():
        if not line and event:
            yield {"key": event["id"], "event": event["event"], **json.loads(event["data"])}
            event = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value


@pytest.fixture
async def followers(service: Service) -> AsyncIterator[Followers]:
    await planned(service)
    service.site.around.register("version-1", onnx_models.logistic())
    app = verification_app(service.site.settings(), service.site.around.open)
    async with (
        served(app) as server,
        httpx.AsyncClient(base_url=server.url, trust_env=False, limits=httpx.Limits(max_connections=None)) as client,
    ):
        yield Followers(client, app.state.service.followed.waiters, service.auditor.headers)


def step(event: dict[str, Any]) -> tuple[str, int | None, int | None]:
    assert event["event"] == "progress"
    return event["status"], event["place"], event["attempt"]


async def test_stream_tells_each_step_and_ends_with_the_run(service: Service, followers: Followers) -> None:
    first, second = [await requested(service) for _ in range(2)]
    worker = await service.site.worker()
    async with followers.follow(second) as events:
        assert step(await anext(events)) == ("queued", 2, None)
        job = await worker.queue.claim()
        assert job is not None
        assert job.run_id == first
        assert step(await anext(events)) == ("queued", 1, None)
        await worker.work_on(job)
        job = await worker.queue.claim()
        assert job is not None
        event = await anext(events)
        assert step(event) == ("running", None, 1)
        assert (event["ended"], event["started_at"] is not None) == (False, True)
        await worker.work_on(job)
        [last] = [event async for event in events]
        assert step(last) == ("passed", None, 1)
        assert (last["ended"], last["result_sha256"]) == (True, (await service.run(second))["result_sha256"])
    await followers.until_following(0)


async def test_stream_tells_of_a_lost_worker_and_of_a_cancellation(service: Service, followers: Followers) -> None:
    run_id = await requested(service)
    queue = (await service.site.worker()).queue
    async with followers.follow(run_id) as events:
        assert step(await anext(events)) == ("queued", 1, None)
        await queue.claim()
        assert step(await anext(events)) == ("running", None, 1)
        await service.site.execute("update jobs set lease_until = clock_timestamp() - interval '1 second'")
        assert step(await anext(events)) == ("queued", 1, 1)
        await queue.claim()
        assert step(await anext(events)) == ("running", None, 2)
        await service.developer.post(f"/v1/runs/{run_id}/cancel", {"reason": "x"})
        assert [step(event) async for event in events] == [("cancelled", None, 2)]


async def test_stream_that_broke_off_goes_on_where_it_was(service: Service, followers: Followers) -> None:
    run_id = await requested(service)
    async with followers.follow(run_id) as events:
        known = (await anext(events))["key"]
    async with followers.follow(run_id, known) as events:
        await service.site.work_off()
        last = [event async for event in events][-1]
        assert step(last) == ("passed", None, 1)
    async with followers.follow(run_id, last["key"]) as events:
        assert [event async for event in events] == []
    async with followers.follow(run_id, "running-7-0") as events:
        assert [step(event) async for event in events] == [("passed", None, 1)]


@pytest.mark.parametrize("last", ["nonsense", "queued-1", "x" * 80_000, "queued-1-1;drop"])
async def test_a_last_event_that_no_stream_has_sent_is_refused(service: Service, followers: Followers, last: str) -> None:
    run_id = await requested(service)
    answer = await service.auditor.client.get(f"/v1/runs/{run_id}/progress", headers={**service.auditor.headers, "Last-Event-ID": last})
    assert answer.status_code == 422
    assert len(answer.content) < 2000


async def test_a_run_that_is_unknown_can_not_be_followed(service: Service, followers: Followers) -> None:
    answer = await followers.client.get("/v1/runs/nothing/progress", headers=followers.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found")
    answer = await followers.client.get(f"/v1/runs/{await requested(service)}/progress")
    assert answer.status_code == 401


async def test_many_who_follow_in_silence_cost_one_read_a_second(service: Service, followers: Followers) -> None:
    """They read nothing; other requests are answered, and all are told the end."""
    ids = [await requested(service) for _ in range(2)]
    async with AsyncExitStack() as stack:
        streams = await asyncio.gather(
            *(stack.enter_async_context(followers.follow(run_id)) for run_id in ids * (MANY // 2)),
        )
        await followers.until_following(MANY)
        reads, looks = followers.waiters.rereads, followers.waiters.looks
        assert (await followers.client.get(f"/v1/runs/{ids[0]}", headers=followers.headers)).status_code == 200
        await service.site.work_off()
        told = await asyncio.gather(*(_all(stream) for stream in streams))
        assert {steps[-1][0] for steps in told} == {"passed"}
        assert followers.waiters.rereads - reads <= followers.waiters.looks - looks
    await followers.until_following(0)


async def test_nothing_is_read_when_all_who_followed_are_gone(service: Service, followers: Followers) -> None:
    run_id = await requested(service)
    async with followers.follow(run_id) as events:
        await anext(events)
    await followers.until_following(0)
    assert followers.waiters.asleep == 0


async def test_a_token_keeps_so_many_streams_open_and_no_more(service: Service) -> None:
    await planned(service)
    service.site.around.register("version-1", onnx_models.logistic())
    run_id = await requested(service)
    app = verification_app(service.site.settings(), service.site.around.open)
    limits = Limits(open_requests_per_token=2)
    async with served(app, limits) as server, httpx.AsyncClient(base_url=server.url, trust_env=False) as client, AsyncExitStack() as stack:
        followers = Followers(client, app.state.service.followed.waiters, service.auditor.headers)
        streams = [await stack.enter_async_context(followers.follow(run_id)) for _ in range(2)]
        assert [step(await anext(stream)) for stream in streams] == [("queued", 1, None)] * 2
        answer = await client.get(f"/v1/runs/{run_id}/progress", headers=followers.headers)
        assert answer.status_code == 429
        assert (await client.get(f"/v1/runs/{run_id}", headers=followers.headers)).status_code == 200


async def test_streams_end_when_the_service_stops(service: Service, followers: Followers) -> None:
    run_id = await requested(service)
    async with followers.follow(run_id) as events:
        await anext(events)
        followers.waiters.stop()
        assert [event async for event in events] == []


async def _all(stream: AsyncIterator[dict[str, Any]]) -> list[tuple[str, int | None, int | None]]:
    return [step(event) async for event in stream]
