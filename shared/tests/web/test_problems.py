"""Errors become problem documents with the one status that each has."""

from collections.abc import Callable
from uuid import UUID

import httpx
import orjson
import pytest
from fastapi import APIRouter, FastAPI

from placet_shared.errors import Conflict, FieldError, Malformed, PlacetError
from placet_shared.service.commands import present_refusal
from placet_shared.tokens import new_token
from placet_shared.web.problems import problem_document, shown, status_of

Connect = Callable[[FastAPI], httpx.AsyncClient]


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("NotFound", 404, "model_not_found"),
        ("Forbidden", 403, "forbidden"),
        ("Conflict", 409, "signoff_closed"),
        ("Invalid", 422, "invalid"),
        ("Refusal", 409, "refused"),
        ("Malformed", 422, "malformed"),
        ("TooLarge", 413, "too_large"),
        ("Unauthenticated", 401, "unauthenticated"),
        ("PreconditionFailed", 412, "precondition_failed"),
        ("IdempotencyMismatch", 422, "idempotency_mismatch"),
        ("OutOfRange", 400, "beyond_head"),
        ("LostBranch", 409, "lost_branch"),
        ("Unavailable", 503, "unavailable"),
        ("ConnectionError", 503, "database_unavailable"),
        ("InternalClientError", 503, "database_unavailable"),
        ("Bug", 500, "internal_error"),
    ],
)
async def test_problem_of_each_error(client: httpx.AsyncClient, name: str, status: int, code: str) -> None:
    answer = await client.get(f"/raise/{name}")
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["code"], problem["type"]) == (code, f"urn:placet:problem:{code}")
    assert problem["instance"] == f"urn:uuid:{UUID(answer.headers['x-request-id'])}"
    assert problem["title"]
    assert problem["detail"]


async def test_problem_with_advice_fields_and_facts(client: httpx.AsyncClient) -> None:
    assert (await client.get("/raise/NotFound")).json()["resolve"] == "Register it."
    assert (await client.get("/raise/Invalid")).json()["errors"] == [{"field": "trainer", "value": "x", "allowed": "the id of a person"}]
    assert (await client.get("/raise/Conflict")).json()["facts"] == {"since": "2026-11-23T14:00:00Z"}


async def test_problem_without_advice_fields_and_facts(client: httpx.AsyncClient) -> None:
    assert not {"resolve", "errors", "facts"} & (await client.get("/raise/Forbidden")).json().keys()


async def test_unauthenticated_asks_for_a_bearer_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("/raise/Unauthenticated")).headers["www-authenticate"] == 'Bearer realm="placet"'


async def test_unavailable_says_when_to_come_again(client: httpx.AsyncClient) -> None:
    assert (await client.get("/raise/Unavailable")).headers["retry-after"] == "7"


@pytest.mark.parametrize("name", ["Bug", "ConnectionError"])
async def test_problem_of_a_failure_tells_no_internals(client: httpx.AsyncClient, name: str) -> None:
    text = (await client.get(f"/raise/{name}")).text
    assert "secret" not in text
    assert "10.0.0.7" not in text
    assert "RuntimeError" not in text


async def test_unknown_address(client: httpx.AsyncClient) -> None:
    problem = (await client.get("/nowhere")).json()
    assert (problem["status"], problem["code"]) == (404, "no_such_address")


async def test_unknown_method(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/whoami")
    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (405, "method_not_allowed", "GET")


async def test_unknown_method_names_those_of_every_route_of_the_address(build_app: Callable[..., FastAPI], connect_to: Connect) -> None:
    async def nothing() -> None:
        """Never called."""

    router = APIRouter()
    for path, method in (("/things", "GET"), ("/things", "POST"), ("/{anything}", "PUT")):
        router.add_api_route(path, nothing, methods=[method])
    async with connect_to(build_app(router)) as client:
        answer = await client.delete("/things")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST, PUT")


async def test_address_with_a_slash_too_many_is_not_redirected(client: httpx.AsyncClient) -> None:
    assert (await client.get("/whoami/")).status_code == 404


def test_status_of_a_subclass_is_its_parents() -> None:
    class Closed(Conflict):
        """A service's own."""

    assert status_of(Closed("It is closed.")) == 409
    assert status_of(PlacetError("Something.")) == 500


def test_problem_document_with_a_token_in_every_member() -> None:
    token = new_token()
    error = Malformed(f"bad {token}", resolve=token, errors=[FieldError("header", f"x {token}", token)], given=[token])
    assert token not in orjson.dumps(problem_document(error)).decode()


@pytest.mark.parametrize("field", ["token", "body.password", "client_secret", "Authorization"])
def test_shown_with_a_field_that_holds_a_secret(field: str) -> None:
    assert shown("hunter2", field) == "[hidden]"


def test_shown_with_a_long_text() -> None:
    assert shown("x" * 200) == "x" * 200
    assert shown("x" * 201) == "x" * 199 + "…"


def test_shown_with_a_token_at_the_cut() -> None:
    token = new_token()
    assert token[:30] not in shown("x" * 165 + token)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (2**70, str(2**70)),
        ({"password": "p"}, "an object with 1 members"),
        ([1, 2], "a list of 2"),
        ("\ud800", "?"),
    ],
)
def test_shown_with_other_values(value: object, expected: object) -> None:
    assert shown(value) == expected


def test_presented_refusal_is_what_the_caller_gets() -> None:
    refusal = Conflict("It is closed.", code="signoff_closed")
    answer = present_refusal(refusal)
    assert answer.status == 409
    assert answer.body == problem_document(refusal)


def test_problem_document_with_a_lone_surrogate_in_every_member() -> None:
    problem = problem_document(Malformed("\ud800", errors=[FieldError("\ud800", "\ud800", "\ud800")]))
    assert (problem["detail"], problem["errors"]) == ("?", [{"field": "?", "value": "?", "allowed": "?"}])
