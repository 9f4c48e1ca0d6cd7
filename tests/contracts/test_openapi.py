"""The OpenAPI document of each service is one by the specification, for tools that we don't know."""

from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from placet_shared.processes import SOURCES

from ..requests.operations import documents


@pytest.mark.parametrize("source", SOURCES)
def test_document_is_valid(source: str) -> None:
    """Defaults are held against their own schemas too."""
    document = documents()[source]
    assert document["openapi"].startswith("3.1.")
    assert [(list(error.path), error.message[:300]) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


@pytest.mark.parametrize("source", SOURCES)
def test_references_lead_to_components(source: str) -> None:
    document = documents()[source]
    references = set(_references(document))
    assert references
    for reference in references:
        root, components, kind, name = reference.split("/")
        assert (root, components) == ("#", "components")
        assert name in document["components"][kind]


@pytest.mark.parametrize("source", SOURCES)
def test_every_operation_says_whether_it_needs_a_token(source: str) -> None:
    """`redocly lint` asks for this and for a server."""
    document = documents()[source]
    assert document["servers"][0]["url"] == "/"
    assert all("security" in operation for methods in document["paths"].values() for operation in methods.values())


@pytest.mark.parametrize("source", SOURCES)
def test_every_operation_has_an_answer_for_a_client_s_mistake(source: str) -> None:
    """`redocly lint` asks for one: 401 where a token is needed, else the one that the server gives before it reads on."""
    operations = [operation for methods in documents()[source]["paths"].values() for operation in methods.values()]
    assert [operation["summary"] for operation in operations if not {"401", "431"} & set(operation["responses"])] == []


@pytest.mark.parametrize("source", SOURCES)
def test_names_of_schemas_are_names_of_classes(source: str) -> None:
    """FastAPI names two models of one name by their modules, and generators make one class of both."""
    assert [name for name in documents()[source]["components"]["schemas"] if "__" in name] == []


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _references(one)
