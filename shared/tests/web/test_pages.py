"""Pages and their cursors."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet_shared.errors import Malformed
from placet_shared.web.pages import decode_cursor, encode_cursor


async def test_pages_show_everything_once_and_in_order(client: httpx.AsyncClient) -> None:
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = (await client.get("/numbers", params={"cursor": cursor} if cursor else {})).json()
        seen += [item["number"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == list(range(1, 121))


async def test_last_page_that_is_full_has_no_next(client: httpx.AsyncClient) -> None:
    page = (await client.get("/numbers", params={"limit": 120})).json()
    assert (len(page["items"]), page["next_cursor"]) == (120, None)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x"])
async def test_limit_out_of_range(client: httpx.AsyncClient, limit: str) -> None:
    answer = await client.get("/numbers", params={"limit": limit})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "limit")


@pytest.mark.parametrize("cursor", ["x", "é", "AAAA", "a" * 1999, "====", "bnVsbA"])
async def test_cursor_that_was_made_up(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get("/numbers", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_cursor")


async def test_cursor_of_another_listing(client: httpx.AsyncClient) -> None:
    answer = await client.get("/numbers", params={"cursor": encode_cursor("letters", [3])})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_cursor")


@pytest.mark.parametrize("key", [["3"], [3, 4], [], [True]])
def test_cursor_with_other_types(key: list[Any]) -> None:
    with pytest.raises(Malformed):
        decode_cursor(encode_cursor("numbers", key), "numbers", int)


@given(st.text(), st.integers(-(2**63), 2**63 - 1))
def test_cursor_comes_back_as_it_was(text: str, number: int) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert decode_cursor(encode_cursor("x", (text, number)), "x", str, int) == (text, number)


@given(st.integers(0, 30), st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"))
def test_cursor_with_one_character_changed_never_gives_another_key(place: int, character: str) -> None:
    cursor = encode_cursor("numbers", (123456789, "name of a model"))
    changed = cursor[:place] + character + cursor[place + 1 :]
    if changed != cursor:
        with pytest.raises(Malformed):
            decode_cursor(changed, "numbers", int, str)
