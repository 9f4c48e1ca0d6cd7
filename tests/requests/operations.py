"""Every operation of every service as its OpenAPI document describes it, and each field that a request to it may hold."""

import importlib
import inspect
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from urllib.parse import quote

from fastapi import FastAPI

from placet_shared.processes import SOURCES
from placet_shared.settings import ServiceSettings

__all__ = ["KEY", "Field", "Operation", "Request", "applications", "documents", "operations"]

Schema = Mapping[str, Any]
Place = Literal["path", "query", "header", "body"]

# What fits the patterns of the documents; a value that is shown as an example comes before these.
CANDIDATES = (
    "prod",
    "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f",
    "6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090",
    "30d",
    "1",
    '"1"',
    "A",
)


@dataclass(frozen=True)
class Field:
    """Where a value stands: its parameter's name, or its path inside the body; `KEY` stands for a key of an object."""

    place: Place
    path: tuple[str | int, ...]
    schema: Schema

    def __str__(self) -> str:
        return f"{self.place} {'.'.join(str(part) for part in self.path)}".strip()


KEY = "<key>"


@dataclass(frozen=True)
class Request:
    """One that a client can send."""

    method: str
    url: str
    query: Sequence[tuple[str, str]] = ()
    headers: Sequence[tuple[str, str]] = ()
    body: Any = None
    media_type: str | None = None
    raw: bytes | None = None

    @property
    def content(self) -> bytes | None:
        """As it is sent: JSON unless it is text."""
        if self.raw is not None:
            return self.raw
        if self.body is None and self.media_type is None:
            return None
        return (
            self.body.encode(errors="surrogatepass")
            if isinstance(self.body, str) and "json" not in str(self.media_type)
            else json.dumps(self.body).encode()
        )

    @property
    def all_headers(self) -> list[tuple[str, str]]:
        """With that of the body."""
        return [*self.headers, *([("Content-Type", self.media_type)] if self.media_type else [])]


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    source: str
    method: str
    path: str
    document: Schema
    description: Schema

    def __str__(self) -> str:
        return f"{self.source} {self.method.upper()} {self.path}"

    @property
    def parameters(self) -> list[Schema]:
        """With references followed."""
        return [self._resolved(one) for one in self.description.get("parameters", ())]

    @property
    def bodies(self) -> Mapping[str, Schema]:
        """Media type → schema."""
        content = self.description.get("requestBody", {}).get("content", {})
        return {media_type: one["schema"] for media_type, one in content.items()}

    def fields(self) -> Iterator[Field]:
        """Of parameters and bodies, each with its own schema; references and alternatives are followed."""
        for parameter in self.parameters:
            place: Place = parameter["in"]
            yield from self._inside(parameter["schema"], Field(place, (parameter["name"],), parameter["schema"]))
        for schema in self.bodies.values():
            yield from self._inside(schema, Field("body", (), schema))

    def request(self, *chosen: tuple[Field, Any]) -> Request:
        """A request whose values fit the document, but for these fields, which have these values."""
        given: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
        for parameter in self.parameters:
            if parameter.get("required"):
                given[parameter["in"]][parameter["name"]] = str(self.sample(parameter["schema"]))
        for field, value in chosen:
            if field.place != "body":
                given[field.place][str(field.path[0])] = str(value)
        url = self.path
        for name, text in given["path"].items():
            url = url.replace(f"{{{name}}}", quote(text, safe="", errors="surrogatepass"))
        body, media_type = self._body([(field, value) for field, value in chosen if field.place == "body"])
        return Request(self.method, url, list(given["query"].items()), list(given["header"].items()), body, media_type)

    def sample(self, schema: Schema) -> Any:
        """A value that fits."""
        schema = self._resolved(schema)
        for name in ("examples", "enum"):
            if schema.get(name):
                return schema[name][0]
        for name in ("example", "default", "const"):
            if name in schema:
                return schema[name]
        for name in ("anyOf", "oneOf", "allOf"):
            if schema.get(name):
                return self.sample(schema[name][0])
        match schema.get("type"):
            case "string":
                return next(one for one in CANDIDATES if re.search(schema.get("pattern", ""), one))
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return False
            case "array":
                return [self.sample(schema["items"])] * schema.get("minItems", 0)
            case "object":
                return {name: self.sample(one) for name, one in schema.get("properties", {}).items() if name in schema.get("required", ())}
        return None

    def _body(self, chosen: Sequence[tuple[Field, Any]]) -> tuple[Any, str | None]:
        whole = next((one for one in chosen if not one[0].path), None)
        if whole is not None:
            of_text = whole[0].schema.get("type") == "string"
            return whole[1], next((name for name in self.bodies if ("json" not in name) == of_text), next(iter(self.bodies)))
        media_type = next((name for name in self.bodies if "json" in name), next(iter(self.bodies), None))
        if media_type is None:
            return None, None
        body = self.sample(self.bodies[media_type])
        for field, value in chosen:
            body = _with(body, field.path, value)
        return body, media_type

    def _inside(self, schema: Schema, field: Field, above: tuple[str, ...] = ()) -> Iterator[Field]:
        """The field and what lies in it."""
        if (reference := schema.get("$ref")) is not None:
            if reference not in above:
                yield from self._inside(self._resolved(schema), field, (*above, reference))
            return
        alternatives = [one for name in ("anyOf", "oneOf", "allOf") for one in schema.get(name, ())]
        if alternatives:
            for one in alternatives:
                yield from self._inside(one, field, above)
            return
        yield Field(field.place, field.path, schema)
        if field.place != "body":
            if "items" in schema:
                yield from self._inside(schema["items"], field, above)
            return
        for name, one in schema.get("properties", {}).items():
            yield from self._inside(one, Field("body", (*field.path, name), one), above)
        if "items" in schema:
            yield from self._inside(schema["items"], Field("body", (*field.path, 0), schema["items"]), above)
        if isinstance(values := schema.get("additionalProperties"), dict):
            yield Field("body", (*field.path, KEY), {"type": "string", **schema.get("propertyNames", {})})
            yield from self._inside(values, Field("body", (*field.path, "key"), values), above)

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            found: Any = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            schema = found
        return schema


def _with(body: Any, path: Sequence[str | int], value: Any) -> Any:
    """The body with this value there; what leads there is made where it is missing."""
    if not path:
        return value
    first, *rest = path
    if isinstance(first, int):
        return [_with(body[0] if isinstance(body, list) and body else None, rest, value)]
    members = deepcopy(body) if isinstance(body, dict) else {}
    if first == KEY:
        return {**members, str(value): "x"}
    return {**members, first: _with(members.get(first), rest, value)}


@cache
def documents() -> Mapping[str, Schema]:
    """Of each service."""
    return {source: application.openapi() for source, application in applications().items()}


@cache
def applications() -> Mapping[str, FastAPI]:
    """Of each service, not started."""
    return {source: _application(source) for source in SOURCES}


@cache
def operations() -> Sequence[Operation]:
    """All of them."""
    return [
        Operation(source, method, path, document, description)
        for source, document in documents().items()
        for path, methods in document["paths"].items()
        for method, description in methods.items()
        if "responses" in description
    ]


def _application(source: str) -> FastAPI:
    module = importlib.import_module(f"placet_{source}.settings")
    kinds = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if kind.__module__ == module.__name__]
    (settings,) = [kind for kind in kinds if issubclass(kind, ServiceSettings)]
    loaded = settings.load(database_url="postgresql://nobody@nowhere/none")
    application: FastAPI = getattr(importlib.import_module(f"placet_{source}.app"), f"{source}_app")(loaded)
    return application
