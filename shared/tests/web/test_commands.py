"""Commands over HTTP: answers, refusals, conditions, repetition; what the event store promises has its own contract suite."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import BaseModel
from starlette.requests import empty_receive, empty_send

from placet_shared.access import Roles, allowed
from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import Conflict
from placet_shared.event_store import Answer, EventRegistry, RecordedEvent, UnitOfWork
from placet_shared.service.commands import request_hash, run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answer
from placet_shared.testing import MemoryEventStore
from placet_shared.web.exchange import Exchange

Events = Callable[[], list[RecordedEvent]]


class Door(Aggregate):
    TOPIC = "Door"
    CATEGORY = "door"
    knocks: int

    class DoorBuilt(Created):
        TOPIC = "DoorBuilt"
        knocks: int

        def apply(self, aggregate: "Door") -> None:
            aggregate.knocks = self.knocks

    class DoorKnocked(Event):
        TOPIC = "DoorKnocked"
        times: int

        def apply(self, aggregate: "Door") -> None:
            aggregate.knocks += self.times

    @classmethod
    def build(cls, key: str, at: datetime) -> "Door":
        return cls.create(cls.DoorBuilt, key=key, at=at, knocks=0)

    def knock(self, times: int, at: datetime) -> None:
        if times > 9:
            raise Conflict("Nobody opens to so much noise.", code="too_loud", resolve="Knock more softly.")
        self.trigger(self.DoorKnocked, at=at, times=times)


@dataclass(frozen=True, slots=True)
class Knock:
    key: str
    times: int


@dataclass(frozen=True, slots=True)
class Knocked:
    key: str
    knocks: int
    revision: int


@allowed(Roles.DEVELOPER, Roles.ADMIN)
async def knock(command: Knock, uow: UnitOfWork) -> Knocked:
    key, now = command.key, await uow.now()
    door = await uow.load(Door, key) or Door.build(key, now)
    uow.about(key)
    uow.expect(door)
    door.knock(command.times, now)
    uow.save(door, subject=key)
    return Knocked(key, door.knocks, door.version)


def knocked(result: Knocked) -> Answer:
    return answer(201, result, "/doors/{key}", without={"key"})


router = APIRouter()


class Knocks(BaseModel):
    times: int


@router.post("/doors/{key}/knocks", status_code=201)
async def post_knock(key: str, request: Request, actor: CurrentActor, body: Knocks) -> Response:
    return await run_command(request, knock, Knock(key, body.times), present=knocked)


@router.put("/doors/{key}/streamed")
async def streamed(key: str, request: Request, actor: CurrentActor) -> Response:
    digest = hashlib.sha256()
    async for chunk in request.stream():
        digest.update(chunk)
    return await run_command(request, knock, Knock(key, 1), present=knocked, body=digest.digest())


@pytest.fixture
def store() -> MemoryEventStore:
    return MemoryEventStore(EventRegistry("probe", (Door,)))


@pytest.fixture
async def caller(
    build_app: Callable[..., FastAPI],
    connect_to: Callable[[FastAPI], httpx.AsyncClient],
    parts: Any,
    store: MemoryEventStore,
    developer_token: str,
) -> AsyncIterator[httpx.AsyncClient]:
    """A developer's client."""
    parts.store = store
    async with connect_to(build_app(router)) as client:
        client.headers["Authorization"] = f"Bearer {developer_token}"
        yield client


@pytest.fixture
def events(store: MemoryEventStore) -> Events:
    return lambda: store.tables.events


async def test_command_answers_with_version_place_and_position(caller: httpx.AsyncClient) -> None:
    answer = await caller.post("/doors/front/knocks", json={"times": 3})
    assert (answer.status_code, answer.json()) == (201, {"knocks": 3})
    assert (answer.headers["etag"], answer.headers["location"]) == ('"2"', "/doors/front")
    assert answer.headers["placet-position"].startswith("probe:1:2:")
    assert answer.headers["content-type"] == "application/json"
    assert "idempotency-replayed" not in answer.headers


async def test_command_records_who_and_in_which_context(caller: httpx.AsyncClient, events: Events) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = await caller.post("/doors/front/knocks", json={"times": 3}, headers={"traceparent": trace})
    (_, event) = events()
    assert (event.actor, event.traceparent) == ("0193a2f0-0000-7000-8000-000000000001", trace)
    assert event.correlation == answer.headers["x-request-id"]


async def test_command_with_a_correlation_of_the_caller(caller: httpx.AsyncClient, events: Events) -> None:
    given = "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"
    await caller.post("/doors/front/knocks", json={"times": 3}, headers={"Placet-Correlation": given.upper()})
    assert {event.correlation for event in events()} == {given}


async def test_refused_command_is_a_problem_and_an_event(caller: httpx.AsyncClient, events: Events) -> None:
    answer = await caller.post("/doors/front/knocks", json={"times": 10})
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert (problem["code"], problem["resolve"]) == ("too_loud", "Knock more softly.")
    assert problem["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    (event,) = events()
    assert (event.type, event.subject) == ("ActionRefused", "front")
    assert answer.headers["placet-position"].startswith("probe:1:1:")


async def test_command_without_the_role_is_refused_and_recorded(caller: httpx.AsyncClient, events: Events, auditor_token: str) -> None:
    answer = await caller.post("/doors/front/knocks", json={"times": 1}, headers={"Authorization": f"Bearer {auditor_token}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "role_required")
    assert [event.type for event in events()] == ["ActionRefused"]


async def test_command_without_a_token_is_not_recorded(caller: httpx.AsyncClient, events: Events) -> None:
    del caller.headers["Authorization"]
    assert (await caller.post("/doors/front/knocks", json={"times": 1})).status_code == 401
    assert events() == []


async def test_command_repeated_with_its_key_has_one_effect_and_one_answer(caller: httpx.AsyncClient, events: Events) -> None:
    first, second = [await caller.post("/doors/front/knocks", json={"times": 2}, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert second.content == first.content
    assert second.status_code == first.status_code
    for name in ("etag", "location", "placet-position"):
        assert second.headers[name] == first.headers[name]
    assert second.headers["idempotency-replayed"] == "true"
    assert len(events()) == 2


async def test_refused_command_repeated_with_its_key_is_recorded_once(caller: httpx.AsyncClient, events: Events) -> None:
    first, second = [await caller.post("/doors/front/knocks", json={"times": 10}, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["content-type"] == "application/problem+json"
    assert second.headers["idempotency-replayed"] == "true"
    assert len(events()) == 1


async def test_command_without_the_role_repeated_with_its_key_is_recorded_once(
    caller: httpx.AsyncClient, events: Events, auditor_token: str
) -> None:
    headers = {"Authorization": f"Bearer {auditor_token}", "Idempotency-Key": "k-1"}
    first, second = [await caller.post("/doors/front/knocks", json={"times": 1}, headers=headers) for _ in range(2)]
    assert (second.status_code, second.content) == (first.status_code, first.content) == (403, first.content)
    assert len(events()) == 1


async def test_key_with_another_request(caller: httpx.AsyncClient) -> None:
    await caller.post("/doors/front/knocks", json={"times": 1}, headers={"Idempotency-Key": "k-1"})
    for path, times in (("/doors/front/knocks", 2), ("/doors/back/knocks", 1), ("/doors/front/knocks?x=1", 1)):
        answer = await caller.post(path, json={"times": times}, headers={"Idempotency-Key": "k-1"})
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")


async def test_same_key_at_once_has_one_effect(caller: httpx.AsyncClient, events: Events) -> None:
    answers = await asyncio.gather(
        *(caller.post("/doors/front/knocks", json={"times": 1}, headers={"Idempotency-Key": "k-1"}) for _ in range(8))
    )
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, b'{"knocks":1}')}
    assert len(events()) == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "schlüssel"])
async def test_key_that_can_not_be_used(caller: httpx.AsyncClient, key: str) -> None:
    answer = await caller.post("/doors/front/knocks", json={"times": 1}, headers={b"Idempotency-Key": key.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_idempotency_key")
    assert answer.json()["errors"][0]["allowed"] == "1 to 255 visible ASCII characters"


async def test_key_of_the_greatest_length(caller: httpx.AsyncClient) -> None:
    answer = await caller.post("/doors/front/knocks", json={"times": 1}, headers={"Idempotency-Key": "~" * 255})
    assert answer.status_code == 201


async def test_condition_that_holds(caller: httpx.AsyncClient) -> None:
    etag = (await caller.post("/doors/front/knocks", json={"times": 1})).headers["etag"]
    assert (await caller.post("/doors/front/knocks", json={"times": 1}, headers={"If-Match": etag})).status_code == 201


async def test_condition_that_no_longer_holds(caller: httpx.AsyncClient) -> None:
    etag = (await caller.post("/doors/front/knocks", json={"times": 1})).headers["etag"]
    await caller.post("/doors/front/knocks", json={"times": 1})
    answer = await caller.post("/doors/front/knocks", json={"times": 1}, headers={"If-Match": etag})
    assert (answer.status_code, answer.json()["facts"]) == (412, {"current": 3})


@pytest.mark.parametrize("condition", ["*", "3", 'W/"3"', '"2", "3"', '"x"', '"03"', '"99999999999"', ""])
async def test_condition_that_is_not_understood(caller: httpx.AsyncClient, condition: str) -> None:
    answer = await caller.post("/doors/front/knocks", json={"times": 1}, headers={"If-Match": condition})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_if_match")


async def test_correlation_that_is_no_uuid(caller: httpx.AsyncClient) -> None:
    answer = await caller.post("/doors/front/knocks", json={"times": 1}, headers={"Placet-Correlation": "mine"})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_correlation")


async def test_streamed_body_is_told_apart_by_its_digest(caller: httpx.AsyncClient) -> None:
    sent = [await caller.put("/doors/front/streamed", content=body, headers={"Idempotency-Key": "k-1"}) for body in (b"a", b"a", b"b")]
    assert [answer.status_code for answer in sent] == [201, 201, 422]
    assert sent[1].headers["idempotency-replayed"] == "true"


async def test_key_with_another_condition(caller: httpx.AsyncClient, events: Events) -> None:
    """Rule 15: what a caller demands of the version is part of the request; an answer to another demand is none to this one."""
    await caller.post("/doors/front/knocks", json={"times": 1})
    keyed = {"Idempotency-Key": "k-1"}
    assert (await caller.post("/doors/front/knocks", json={"times": 1}, headers={**keyed, "If-Match": '"2"'})).status_code == 201
    for condition in ({"If-Match": '"3"'}, {"If-Match": '"1"'}, {}):
        answer = await caller.post("/doors/front/knocks", json={"times": 1}, headers={**keyed, **condition})
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert len(events()) == 3


def test_request_hash_tells_parts_apart() -> None:
    """Rule 15: method, path, query, `If-Match` and body, each for itself."""

    def hash_of(method: str, path: bytes, query: bytes, body: bytes, if_match: bytes = b"") -> bytes:
        headers = [(b"if-match", if_match)] if if_match else []
        scope = {"type": "http", "method": method, "path": path.decode(), "raw_path": path, "query_string": query, "headers": headers}
        exchange = Exchange(scope, empty_receive, empty_send)
        return request_hash(Request(exchange.scope), body)

    requests: list[tuple[str, bytes, bytes, bytes, bytes]] = [
        ("POST", b"/a", b"b", b"c", b""),
        ("PUT", b"/a", b"b", b"c", b""),
        ("POST", b"/ab", b"", b"c", b""),
        ("POST", b"/a", b"bc", b"", b""),
        ("POST", b"/a", b"b", b"d", b""),
        ("POST", b"/a", b"b", b"c", b'"1"'),
        ("POST", b"/a", b"b", b"c", b'"2"'),
        ("POST", b"/a", b"b", b'"1"c', b""),
    ]
    assert len({hash_of(*one) for one in requests}) == len(requests)
    assert len(hash_of(*requests[0])) == 32
