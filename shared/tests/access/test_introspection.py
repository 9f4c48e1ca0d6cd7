"""Asking whose token it is."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from placet_shared.access import Actor, IntrospectingAuthenticator
from placet_shared.access.attempts import MOST_IN_A_WINDOW, WINDOW_SECONDS, Attempts
from placet_shared.current_request import caller_address
from placet_shared.errors import TooMany, Unavailable
from placet_shared.tokens import new_token, token_hash

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
OWN_TOKEN = new_token()


class Approval:
    """The other side: answers about tokens and counts how often it was asked."""

    def __init__(self) -> None:
        self.active: dict[str, Any] = {}
        self.asked: list[str] = []
        self.was_asked = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()
        self.fault: Response | None = None
        self.app = FastAPI()
        self.app.post("/v1/tokens/introspect")(self.introspect)

    def knows(self, token: str, **more: Any) -> None:
        actor = {"id": "person-1", "kind": "person", "roles": ["developer"]}
        self.active[token_hash(token)] = {"active": True, "actor": actor, "token_id": "token-1", "expires_at": None, **more}

    async def introspect(self, request: Request) -> Response:
        assert request.headers["authorization"] == f"Bearer {OWN_TOKEN}"
        digest = (await request.json())["token_sha256"]
        self.asked.append(digest)
        self.was_asked.set()
        await self.answers.wait()
        return self.fault or JSONResponse(self.active.get(digest, {"active": False}))


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds - 1000.0)


@pytest.fixture
def approval() -> Approval:
    return Approval()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def authenticator(approval: Approval, clock: Clock) -> AsyncIterator[IntrospectingAuthenticator]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=approval.app)) as client:
        yield IntrospectingAuthenticator(client, "http://approval/", OWN_TOKEN, clock=clock.monotonic, now=clock.now)


async def test_known_token(authenticator: IntrospectingAuthenticator, approval: Approval) -> None:
    token = new_token()
    approval.knows(token)
    assert await authenticator.authenticate(token) == Actor("person-1", "person", frozenset({"developer"}), "token-1")
    assert approval.asked == [token_hash(token)]


async def test_yes_is_remembered_for_five_seconds_and_no_longer(
    authenticator: IntrospectingAuthenticator, approval: Approval, clock: Clock
) -> None:
    token = new_token()
    approval.knows(token)
    await authenticator.authenticate(token)
    approval.active.clear()
    clock.seconds += 4.99
    assert await authenticator.authenticate(token) is not None
    clock.seconds += 0.01
    assert await authenticator.authenticate(token) is None
    assert len(approval.asked) == 2


async def test_yes_is_remembered_from_when_it_was_asked(
    authenticator: IntrospectingAuthenticator, approval: Approval, clock: Clock
) -> None:
    token = new_token()
    approval.knows(token)
    approval.answers.clear()
    question = asyncio.create_task(authenticator.authenticate(token))
    await approval.was_asked.wait()
    clock.seconds += 4
    approval.answers.set()
    await question
    approval.active.clear()
    clock.seconds += 1
    assert await authenticator.authenticate(token) is None


async def test_yes_is_not_remembered_past_the_token_s_expiry(
    authenticator: IntrospectingAuthenticator, approval: Approval, clock: Clock
) -> None:
    token = new_token()
    approval.knows(token, expires_at=(NOW + timedelta(seconds=2)).isoformat())
    await authenticator.authenticate(token)
    approval.active.clear()
    clock.seconds += 1.9
    assert await authenticator.authenticate(token) is not None
    clock.seconds += 0.1
    assert await authenticator.authenticate(token) is None


async def test_no_is_remembered_for_a_second_and_no_longer(
    authenticator: IntrospectingAuthenticator, approval: Approval, clock: Clock
) -> None:
    token = new_token()
    assert [await authenticator.authenticate(token) for _ in range(3)] == [None] * 3
    assert len(approval.asked) == 1
    approval.knows(token)
    clock.seconds += 1
    assert await authenticator.authenticate(token) is not None


async def test_made_up_tokens_do_not_push_out_valid_ones(approval: Approval) -> None:
    token = new_token()
    approval.knows(token)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=approval.app)) as client:
        authenticator = IntrospectingAuthenticator(client, "http://approval", OWN_TOKEN, capacity=2)
        for one in (token, *(new_token() for _ in range(5)), token):
            await authenticator.authenticate(one)
    assert len(approval.asked) == 6


async def test_made_up_tokens_are_limited_for_each_address(
    authenticator: IntrospectingAuthenticator, approval: Approval, clock: Clock
) -> None:
    caller_address.set("192.0.2.1")
    made_up = [authenticator.authenticate(new_token()) for _ in range(2 * MOST_IN_A_WINDOW)]
    answers = await asyncio.gather(*made_up, return_exceptions=True)
    assert [type(one) for one in answers] == [type(None)] * MOST_IN_A_WINDOW + [TooMany] * MOST_IN_A_WINDOW
    assert len(approval.asked) == MOST_IN_A_WINDOW
    caller_address.set("192.0.2.2")
    assert await authenticator.authenticate(new_token()) is None
    caller_address.set("192.0.2.1")
    clock.seconds += WINDOW_SECONDS
    assert await authenticator.authenticate(new_token()) is None


async def test_valid_tokens_are_not_limited(authenticator: IntrospectingAuthenticator, approval: Approval) -> None:
    for _ in range(MOST_IN_A_WINDOW + 1):
        approval.knows(token := new_token())
        assert await authenticator.authenticate(token) is not None


async def test_addresses_that_are_counted_are_bounded() -> None:
    attempts = Attempts(most=1, capacity=2)
    for number in range(5):
        caller_address.set(f"192.0.2.{number}")
        with attempts.counted():
            assert len(attempts._counts) <= 2


async def test_questions_about_one_token_at_once_share_one_request(authenticator: IntrospectingAuthenticator, approval: Approval) -> None:
    token, other = new_token(), new_token()
    approval.knows(token)
    answers = await asyncio.gather(*(authenticator.authenticate(one) for one in [token] * 20 + [other] * 20))
    assert [answer is not None for answer in answers] == [True] * 20 + [False] * 20
    assert sorted(approval.asked) == sorted([token_hash(token), token_hash(other)])


async def test_caller_who_leaves_does_not_take_the_answer_from_others(
    authenticator: IntrospectingAuthenticator, approval: Approval
) -> None:
    token = new_token()
    approval.knows(token)
    approval.answers.clear()
    first = asyncio.create_task(authenticator.authenticate(token))
    second = asyncio.create_task(authenticator.authenticate(token))
    await approval.was_asked.wait()
    first.cancel()
    approval.answers.set()
    assert await second is not None
    assert len(approval.asked) == 1


@pytest.mark.parametrize(
    "fault",
    [
        JSONResponse({"detail": "no"}, 401),
        JSONResponse({}, 503),
        JSONResponse({"active": "perhaps?"}),
        Response(b"<html>"),
        JSONResponse({"active": True, "actor": {"id": "x", "kind": "robot", "roles": []}, "token_id": "t"}),
    ],
    ids=["401", "503", "other words", "no json", "other kind"],
)
async def test_answer_that_is_none(authenticator: IntrospectingAuthenticator, approval: Approval, fault: Response) -> None:
    token = new_token()
    approval.knows(token)
    approval.fault = fault
    with pytest.raises(Unavailable) as raised:
        await authenticator.authenticate(token)
    assert (raised.value.code, raised.value.retry_after) == ("authentication_unavailable", 1)
    approval.fault = None
    assert await authenticator.authenticate(token) is not None


async def test_address_without_a_server(unused_tcp_port: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        authenticator = IntrospectingAuthenticator(client, f"http://127.0.0.1:{unused_tcp_port}", OWN_TOKEN)
        with pytest.raises(Unavailable):
            await authenticator.authenticate(new_token())


async def test_memory_is_bounded(approval: Approval) -> None:
    tokens = [new_token() for _ in range(3)]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=approval.app)) as client:
        authenticator = IntrospectingAuthenticator(client, "http://approval", OWN_TOKEN, capacity=2)
        for token in tokens:
            approval.knows(token)
            await authenticator.authenticate(token)
        approval.asked.clear()
        for token in reversed(tokens):
            await authenticator.authenticate(token)
    assert approval.asked == [token_hash(tokens[0])]
