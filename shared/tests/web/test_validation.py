"""Requests that are not understood: field, value, what is allowed."""

from typing import Any

import httpx
import pytest

from placet_shared.tokens import new_token


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, {"field": "name", "allowed": "is required"}),
        ({"name": ""}, {"field": "name", "value": "", "allowed": "at least 1 character"}),
        ({"name": "a b"}, {"field": "name", "value": "a b", "allowed": "a name without spaces"}),
        ({"name": 7}, {"field": "name", "value": 7, "allowed": "a valid string"}),
        ({"name": "m", "kind": "zip"}, {"field": "kind", "value": "zip", "allowed": "one of 'onnx' or 'pickle'"}),
        ({"name": "m", "parts": 10}, {"field": "parts", "value": 10, "allowed": "less than or equal to 9"}),
        ({"name": "m", "colour": "red"}, {"field": "colour", "value": "red", "allowed": "is no field of this request"}),
        (
            {"name": "m", "lineage": {"git_commit": "abc"}},
            {"field": "lineage.git_commit", "value": "abc", "allowed": "text of the form ^[0-9a-f]{40}$"},
        ),
        ({"name": ["x"] * 3}, {"field": "name", "value": "a list of 3", "allowed": "a valid string"}),
    ],
)
async def test_body_with_a_wrong_field(client: httpx.AsyncClient, body: Any, error: dict[str, Any]) -> None:
    answer = await client.post("/registrations", json=body)
    assert answer.status_code == 422
    assert answer.json()["code"] == "malformed"
    assert answer.json()["errors"] == [{"value": None, **error}]


async def test_body_with_two_wrong_fields_names_both(client: httpx.AsyncClient) -> None:
    problem = (await client.post("/registrations", json={"name": "", "parts": 0})).json()
    assert [error["field"] for error in problem["errors"]] == ["name", "parts"]
    assert problem["detail"] == "name: at least 1 character (and 1 more)"


async def test_body_with_a_long_value_is_cut(client: httpx.AsyncClient) -> None:
    problem = (await client.post("/registrations", json={"name": "x" * 5000})).json()
    assert len(problem["errors"][0]["value"]) == 200


async def test_body_with_a_secret_is_not_echoed(client: httpx.AsyncClient) -> None:
    token = new_token()
    answer = await client.post("/registrations", json={"name": "m", "kind": token, "api_token": "hunter2"})
    assert token not in answer.text
    assert "hunter2" not in answer.text


async def test_body_that_is_no_json(client: httpx.AsyncClient) -> None:
    answer = await client.post("/registrations", content=b'{"name": ', headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_json")
    assert answer.json()["detail"] == "The body is no JSON: Expecting value at character 9."


async def test_body_that_is_no_utf8(client: httpx.AsyncClient) -> None:
    answer = await client.post("/registrations", content=b'{"name": "\xff"}', headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("content", [b"name=m", b"[]", b"\xff\xfe"])
async def test_body_that_is_no_object(client: httpx.AsyncClient, content: bytes) -> None:
    kind = "application/json" if content == b"[]" else "text/plain"
    answer = await client.post("/registrations", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["allowed"] == "a JSON object, sent with `Content-Type: application/json`"


async def test_query_with_a_wrong_value(client: httpx.AsyncClient) -> None:
    problem = (await client.get("/numbers", params={"limit": 201})).json()
    assert problem["errors"] == [{"field": "limit", "value": "201", "allowed": "less than or equal to 200"}]


async def test_body_with_a_thousand_wrong_fields_names_a_hundred(client: httpx.AsyncClient) -> None:
    problem = (await client.post("/registrations", json={"name": "m", **{f"field{number}": 1 for number in range(1000)}})).json()
    assert len(problem["errors"]) == 100
    assert problem["detail"] == "field0: is no field of this request (and 999 more)"


async def test_body_with_an_endless_field_name_is_cut(client: httpx.AsyncClient) -> None:
    answer = await client.post("/registrations", json={"name": "m", "x" * 100_000: 1})
    assert len(answer.text) < 2000


@pytest.mark.parametrize("content", [b'{"name": "\\ud800"}', b'{"name": "m", "\\ud800": 1}', b'{"name": "m", "kind": "\\ud800"}'])
async def test_body_with_a_lone_surrogate(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await client.post("/registrations", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
