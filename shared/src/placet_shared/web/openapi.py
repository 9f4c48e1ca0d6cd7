"""The OpenAPI document: errors as the problem documents they are, the headers that all commands understand, and named schemas.

A route whose body is a document of its own kind, such as a plan, describes it by `document_schema`.
"""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from placet_shared.errors import PlacetError
from placet_shared.web.problems import MEDIA_TYPE, problem_document
from placet_shared.web.unauthenticated import token_invalid, token_missing

__all__ = ["NOT_A_COMMAND", "DescribedApp", "Problem", "ProblemField", "document_schema"]

NOT_A_COMMAND = {"x-placet-command": False}
"""For `openapi_extra` of a POST that only asks, such as introspection."""

_REF = "#/components/{}/{}"
_INSTANCE = "urn:uuid:0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"


class ProblemField(BaseModel):
    """One field that is wrong."""

    field: str = Field(description="Its name, a dotted path inside the body.", examples=["lineage.git_commit"])
    value: Any = Field(None, description="What was sent; cut after 200 characters, secrets hidden.", examples=["abc"])
    allowed: str = Field(description="What would be allowed.", examples=["40 hexadecimal digits"])


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(description="A URN that ends in `code`.", examples=["urn:placet:problem:model_not_found"])
    title: str = Field(description="The code in words.", examples=["Model not found"])
    status: int = Field(description="The HTTP status of the answer.", examples=[404])
    detail: str = Field(description="What happened, in one sentence.")
    instance: str | None = Field(None, description="The request, as in `X-Request-Id`; give it to the operator of the service.")
    code: str = Field(description="Stable, for programs; the last part of `type`.", examples=["model_not_found"])
    resolve: str | None = Field(None, description="What would help.")
    errors: list[ProblemField] | None = Field(None, description="Every field that is wrong; of more than a hundred the first ones.")
    facts: dict[str, Any] | None = Field(None, description="Further facts, by name.")


_PARAMETERS: dict[str, dict[str, Any]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Makes repeating safe: the same key with the same request has one effect and one answer, for 24 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
        "example": "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "Only if the resource still has this ETag; otherwise 412.",
        "schema": {"type": "string", "maxLength": 12, "pattern": '^"[0-9]+"$'},
        "example": '"3"',
    },
    "PlacetCorrelation": {
        "name": "Placet-Correlation",
        "in": "header",
        "description": "A UUID that ties this command to others in the audit trail; by default the request's id.",
        "schema": {"type": "string", "format": "uuid", "maxLength": 36},
    },
}
_POSITION = {
    "description": "Where in this service's history the effect stands; send it as `Placet-Seen` to whichever service you call next.",
    "schema": {"type": "string", "examples": ["registry:1:123"]},
}


class DescribedApp(FastAPI):
    """An application whose OpenAPI document describes our errors instead of the framework's."""

    def stop_waiting(self) -> None:
        """The server begins to stop; the application of a service releases its waiting requests."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        document = super().openapi()
        if "Problem" not in document.get("components", {}).get("schemas", {}):
            _describe(document)
        return document


def document_schema(model: type[BaseModel]) -> dict[str, Any]:
    """For a body in `openapi_extra`; its parts, in `$defs`, become components of the whole document."""
    return model.model_json_schema(ref_template=_REF.format("schemas", "{model}"))


def _describe(document: dict[str, Any]) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _, ours = models_json_schema([(Problem, "serialization")], ref_template=_REF.format("schemas", "{model}"))
    schemas.update(ours["$defs"])
    components["parameters"] = _PARAMETERS
    for path in document["paths"].values():
        for method, operation in path.items():
            if not isinstance(operation, dict):
                continue
            _name_schemas(operation, schemas)
            _describe_errors(operation)
            if method != "get" and operation.get("x-placet-command", True):
                _describe_command(operation)


def _name_schemas(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """A body's `$defs` and the body itself become components: tools look for references there and nowhere else.

    Raises `ValueError` when two schemas have one name.
    """
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if (parts := content["schema"].get("$defs")) is None:
            continue
        whole = {name: value for name, value in content["schema"].items() if name != "$defs"}
        for name, schema in {**parts, whole["title"]: whole}.items():
            if schemas.setdefault(name, schema) != schema:
                raise ValueError(f"two schemas are called {name}")
        content["schema"] = {"$ref": _REF.format("schemas", whole["title"])}


def _describe_errors(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    if "security" in operation:
        responses["401"] = _problem("No token, or one that is not valid", token_missing(), token_invalid())
    else:
        responses["431"] = _problem("The request's line and headers are larger than the service takes")
    operation.setdefault("security", [])  # what needs no token says so
    if "422" in responses:
        responses["422"] = _problem("A field is wrong: `errors` names it, its value and what is allowed")
    responses["default"] = _problem("Any other problem")


def _describe_command(operation: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).extend({"$ref": _REF.format("parameters", name)} for name in _PARAMETERS)
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            response.setdefault("headers", {})["Placet-Position"] = _POSITION


def _problem(description: str, *examples: PlacetError) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": _REF.format("schemas", "Problem")}}
    if examples:
        content["examples"] = {error.code: {"value": {**problem_document(error), "instance": _INSTANCE}} for error in examples}
    return {"description": description, "content": {MEDIA_TYPE: content}}
