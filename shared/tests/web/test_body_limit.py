"""Bodies are small, unless a route streams them."""

from collections.abc import AsyncIterator

import httpx

from placet_shared.web.exchange import BODY_LIMIT

JSON = {"Content-Type": "application/json"}


async def unannounced(size: int) -> AsyncIterator[bytes]:
    for _ in range(0, size, 65536):
        yield b" " * 65536


async def test_body_of_announced_length_over_the_limit(client: httpx.AsyncClient) -> None:
    answer = await client.post("/registrations", content=b" " * (BODY_LIMIT + 1), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.json()["facts"] == {"limit_bytes": BODY_LIMIT}


async def test_body_of_unannounced_length_over_the_limit(client: httpx.AsyncClient) -> None:
    answer = await client.post("/registrations", content=unannounced(BODY_LIMIT + 65536), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_body_at_the_limit(client: httpx.AsyncClient) -> None:
    body = b'{"name": "m"}'
    answer = await client.post("/registrations", content=body + b" " * (BODY_LIMIT - len(body)), headers=JSON)
    assert answer.status_code == 200


async def test_body_over_the_limit_on_a_route_that_streams(client: httpx.AsyncClient) -> None:
    answer = await client.put("/streamed", content=unannounced(BODY_LIMIT * 2))
    assert answer.json() == {"bytes": BODY_LIMIT * 2}
