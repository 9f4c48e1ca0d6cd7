"""The published document describes what is really answered."""

from typing import Any

import httpx
import pytest

from placet_shared.tokens import new_token


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_openapi_is_open_and_the_frameworks_pages_are_not_there(client: httpx.AsyncClient, document: dict[str, Any]) -> None:
    assert document["info"]["title"] == "Probe"
    assert {(await client.get(path)).status_code for path in ("/redoc", "/docs/oauth2-redirect")} == {404}


async def test_openapi_documents_problems_for_every_operation(document: dict[str, Any]) -> None:
    for path in document["paths"].values():
        for operation in path.values():
            assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in str(document)


async def test_openapi_names_the_security_of_what_needs_a_token(document: dict[str, Any]) -> None:
    assert document["paths"]["/whoami"]["get"]["security"] == [{"token": []}]
    assert "401" in document["paths"]["/whoami"]["get"]["responses"]
    assert document["paths"]["/health/live"]["get"]["security"] == []
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


async def test_openapi_shows_a_401_as_it_is_answered(client: httpx.AsyncClient, document: dict[str, Any]) -> None:
    shown = document["paths"]["/whoami"]["get"]["responses"]["401"]["content"]["application/problem+json"]["examples"]
    for code, headers in (("token_missing", {}), ("token_invalid", {"Authorization": f"Bearer {new_token()}"})):
        answered = (await client.get("/whoami", headers=headers)).json()
        assert {**answered, "instance": ""} == {**shown[code]["value"], "instance": ""}
    assert shown["token_missing"]["value"]["resolve"] == "Send the header `Authorization: Bearer placet_…`."


async def test_openapi_documents_the_headers_of_commands(document: dict[str, Any]) -> None:
    references = [parameter["$ref"] for parameter in document["paths"]["/registrations"]["post"]["parameters"]]
    assert "#/components/parameters/IdempotencyKey" in references
    assert "Placet-Position" in document["paths"]["/registrations"]["post"]["responses"]["200"]["headers"]


async def test_openapi_has_no_reference_to_nowhere(document: dict[str, Any]) -> None:
    references: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            references.update(target for name, target in value.items() if name == "$ref")
            for member in value.values():
                collect(member)
        if isinstance(value, list):
            for member in value:
                collect(member)

    collect(document)
    assert references
    for reference in references:
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


async def test_problem_answers_fit_the_published_schema(client: httpx.AsyncClient, document: dict[str, Any]) -> None:
    published = document["components"]["schemas"]["Problem"]["properties"].keys()
    for name in ("NotFound", "Invalid", "Conflict", "Bug"):
        assert (await client.get(f"/raise/{name}")).json().keys() <= published
