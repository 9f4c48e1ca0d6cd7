"""Asking approval-service who a person is, over a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from placet_registry.adapters.people_over_http import PeopleOverHttp
from placet_shared.errors import Unavailable
from placet_shared.testing import served
from placet_shared.web.server import listen


def approval(asked: list[tuple[str, str | None]]) -> FastAPI:
    """Knows alice, answers nonsense about `nonsense` and fails at `broken`."""
    app = FastAPI()

    @app.get("/v1/people/{person}")
    async def get_person(person: str, request: Request) -> Any:
        asked.append((person, request.headers.get("authorization")))
        if person == "alice b":
            return {"person_id": "p-1", "name": "alice b"}
        return Response("nonsense", status_code={"nonsense": 200, "broken": 500, "forbidden": 403, "ill formed": 422}.get(person, 404))

    return app


@asynccontextmanager
async def asking(asked: list[tuple[str, str | None]]) -> AsyncIterator[PeopleOverHttp]:
    async with served(approval(asked)) as server, httpx.AsyncClient() as client:
        yield PeopleOverHttp(client, f"{server.url}/", "the-token")


async def test_person_who_is_known_has_an_id() -> None:
    asked: list[tuple[str, str | None]] = []
    async with asking(asked) as people:
        assert await people.person_id("alice b") == "p-1"
    assert asked == [("alice b", "Bearer the-token")]


async def test_person_who_is_not_known_has_none() -> None:
    async with asking([]) as people:
        assert [await people.person_id(name) for name in ("mallory", "..", ".", "a?b#c", "ill formed")] == [None] * 5


@pytest.mark.parametrize("person", ["broken", "nonsense", "forbidden"])
async def test_answer_that_says_nothing_is_no_answer(person: str) -> None:
    async with asking([]) as people:
        with pytest.raises(Unavailable):
            await people.person_id(person)


async def test_address_without_a_server_is_no_answer() -> None:
    listener = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    async with httpx.AsyncClient() as client:
        with pytest.raises(Unavailable):
            await PeopleOverHttp(client, address, "the-token").person_id("alice")
