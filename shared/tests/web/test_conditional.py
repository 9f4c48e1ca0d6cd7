"""ETags on reads."""

import httpx
import pytest


async def test_read_carries_its_etag(client: httpx.AsyncClient) -> None:
    answer = await client.get("/versioned")
    assert (answer.status_code, answer.headers["etag"], answer.json()) == (200, '"3"', {"name": "m"})
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("known", ['"3"', 'W/"3"', '"2", "3"', "*"])
async def test_read_of_a_version_the_caller_has(client: httpx.AsyncClient, known: str) -> None:
    answer = await client.get("/versioned", headers={"If-None-Match": known})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"3"')


@pytest.mark.parametrize("known", ['"2"', '"33"', "3", ""])
async def test_read_of_a_version_the_caller_has_not(client: httpx.AsyncClient, known: str) -> None:
    assert (await client.get("/versioned", headers={"If-None-Match": known})).status_code == 200
