"""Waiting at one process with a token that ends at another: the answer is 401, a stream is over, and no other caller notices."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from placet_shared.testing import eventually

from ..conftest import Caller
from ..decisions.conftest import WHY, Bank
from .conftest import Elsewhere

pytestmark = pytest.mark.postgres

# Much less than a long-poll or a stream lasts by itself.
AT_ONCE = 12.0


async def revoked(bank: Bank, who: Caller) -> httpx.Response:
    (token,) = (await bank.service.dora.get("/v1/tokens", params={"holder": who.id})).json()["items"]
    return await bank.service.dora.post(f"/v1/tokens/{token['token_id']}/revoke", {})


async def deactivated(bank: Bank, who: Caller) -> httpx.Response:
    return await bank.service.dora.post(f"/v1/people/{who.id}/deactivate")


ENDINGS: list[Callable[[Bank, Caller], Awaitable[httpx.Response]]] = [revoked, deactivated]


async def head_of(who: Caller) -> str:
    last = (await who.get("/v1/feed", params={"limit": 1000})).json()["events"][-1]
    return f"{last['epoch']}:{last['position']}:{last['id']}"


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
async def test_long_poll_ends_with_401_when_its_token_does(bank: Bank, elsewhere: Elsewhere, ending: Any) -> None:
    path = await bank.a_pending_sign_off()
    waiting = asyncio.create_task(elsewhere.wait(path))
    await elsewhere.until_waiting(1)
    assert (await ending(bank, bank.alice)).status_code == 200
    async with asyncio.timeout(AT_ONCE):
        answer = await waiting
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    await elsewhere.until_waiting(0)


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
@pytest.mark.parametrize("kind", ["sign-off", "feed"])
async def test_stream_ends_when_its_token_does_and_another_persons_goes_on(
    bank: Bank, elsewhere: Elsewhere, ending: Any, kind: str
) -> None:
    path = await bank.a_pending_sign_off()
    url = f"{path}/events" if kind == "sign-off" else f"/v1/feed/events?after={await head_of(bank.alice)}"
    alices, bobs = Followed(elsewhere, bank.alice, url), Followed(elsewhere, bank.bob, url)
    await asyncio.gather(alices.has_begun.wait(), bobs.has_begun.wait())
    assert (await ending(bank, bank.alice)).status_code == 200
    async with asyncio.timeout(AT_ONCE):
        await alices.reading
    told = alices.text
    assert (await bank.bob.post(f"{path}/reject", WHY)).status_code == 200
    await until_is(lambda: "rejected" in bobs.text.lower())
    assert (alices.text, "rejected" in told.lower()) == (told, False)
    bobs.reading.cancel()


class Followed:
    """A stream that is read to its end."""

    def __init__(self, elsewhere: Elsewhere, who: Caller, url: str) -> None:
        self.text = ""
        self.has_begun = asyncio.Event()
        self.reading = asyncio.create_task(self._read(elsewhere.alice.client, who.token, url))

    async def _read(self, client: httpx.AsyncClient, token: str, url: str) -> None:
        async with client.stream("GET", url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as response:
            assert response.status_code == 200
            self.has_begun.set()
            async for part in response.aiter_text():
                self.text += part


async def until_is(condition: Callable[[], bool]) -> None:
    async def holds() -> bool:
        return condition()

    async with asyncio.timeout(60):
        await eventually(holds)
