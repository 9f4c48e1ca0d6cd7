"""Writes the pages of every REST endpoint from the OpenAPI documents of the services; `make docs` runs it."""

import importlib
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from schema_tables import allowed, cell, name_of, shown, type_of

from placet_shared.processes import SOURCES
from placet_shared.settings import ServiceSettings

FOLDER = Path(__file__).with_name("rest")
METHODS = ("get", "head", "post", "put", "patch", "delete")
USUAL = ("401", "422", "431", "default")
EVERYWHERE = "README"

HEAD = """# REST

Every endpoint of every service, made by `make docs` from their OpenAPI documents: {services}. What all four have is on this page.
A service shows its own interactively at `/docs`, and serves the document at `/openapi.json`.

## What holds for every request

- **Token:** `Authorization: Bearer placet_…`, unless an endpoint says that it needs none. `GET /v1/whoami` of
  approval-service says whose it is.
- **Errors** are [problem documents](#problem) (RFC 9457, `application/problem+json`) with `code`, `detail` and `resolve`;
  [codes](../codes.md) explains each. 401: no token, or none that is valid. 403: the holder may not. 404: it does not exist. 409: not now.
  422: `errors` names each field that is wrong. 503: something is down or behind, and the same request may succeed later.
- **Listings** come in pages: `limit`, and `cursor` with the `next_cursor` of the page before.
- **`Placet-Position`** of an answer says where its effect stands; sent as `Placet-Seen` to another service, that one answers only when
  it has seen as much ([consistency](../consistency.md)).

Every POST, PUT and DELETE that has an effect also understands these headers:

| header | type | allowed | what it is |
|---|---|---|---|"""


def document_of(source: str) -> Mapping[str, Any]:
    """The OpenAPI document of a service; it is not started."""
    module = importlib.import_module(f"placet_{source}.settings")
    kinds = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if kind.__module__ == module.__name__]
    (settings,) = [kind for kind in kinds if issubclass(kind, ServiceSettings)]
    make = getattr(importlib.import_module(f"placet_{source}.app"), f"{source}_app")
    document: Mapping[str, Any] = make(settings.load(database_url="postgresql://localhost/placet")).openapi()
    return document


def pages() -> dict[str, str]:
    """The text of each page by its file's name."""
    documents = {source: document_of(source) for source in SOURCES}
    shared = set.intersection(*(set(document["paths"]) for document in documents.values()))
    services = ", ".join(f"[{source}-service]({source}.md)" for source in SOURCES)
    first = documents[SOURCES[0]]
    headers = [_parameter(one, first)[1] for one in first["components"]["parameters"].values()]
    found = {EVERYWHERE: "\n".join([HEAD.format(services=services), *headers, "", *_endpoints(first, shared, problems=True)])}
    for source, document in documents.items():
        head = f"# REST of {source}-service\n\n{document['info']['description'].strip()}\n\n[What holds for every request](README.md).\n"
        found[source] = "\n".join([head, *_endpoints(document, set(document["paths"]) - shared)])
    return {f"{name}.md": text for name, text in found.items()}


def _endpoints(document: Mapping[str, Any], paths: set[str], problems: bool = False) -> Iterator[str]:
    """Those of the paths, by their tags, then the objects that they take and give, on one page with `problems`."""
    operations = [
        (path, method, one) for path, methods in document["paths"].items() for method, one in methods.items() if method in METHODS
    ]
    operations = [operation for operation in operations if operation[0] in paths]
    for tag in document["tags"]:
        under = [operation for operation in operations if operation[2]["tags"] == [tag["name"]]]
        if under:
            yield f"## {tag['name']}\n\n{tag.get('description', '')}\n"
            for operation in under:
                yield from _endpoint(document, *operation)
    yield "## Objects\n"
    for name in _objects(document, [one for _, _, one in operations], problems):
        yield from _object(document, name)


def _endpoint(document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {method.upper()} {path}\n"
    yield f"**{operation['summary']}**{'' if operation['summary'].endswith('?') else '.'} {operation['description']}\n"
    if operation["security"] == []:
        yield "It needs no token.\n"
    parameters = [parameter for parameter in operation.get("parameters", ()) if "$ref" not in parameter]
    if parameters:
        yield "| parameter | in | type | default | allowed | what it is |\n|---|---|---|---|---|---|"
        yield from (_parameter(parameter, document)[0] for parameter in parameters)
        yield ""
    if body := operation.get("requestBody"):
        yield f"Body: {_contents(body['content'], document)}.\n"
    for status, answer in operation["responses"].items():
        if status not in USUAL:
            said = "" if answer["description"] == "Successful Response" else f" {answer['description'].rstrip('.')}"
            what = _contents({name: one for name, one in answer.get("content", {}).items() if name != "application/problem+json"}, document)
            yield f"Answers **{status}**{said}{f': {what}' if what else ''}.\n"


def _parameter(parameter: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[str, str]:
    """A row with its place and default, and one without."""
    schema, parts = parameter["schema"], document["components"]["schemas"]
    default = (
        "*required*"
        if parameter.get("required")
        else f"`{shown(schema['default'])}`"
        if schema.get("default") not in (None, "")
        else "none"
    )
    told = parameter.get("description") or schema.get("description") or ""
    head, bounds = (f"`{parameter['name']}`", type_of(schema, parts)), allowed(schema, parts)
    return (_cells(head[0], parameter["in"], head[1], default, bounds, told), _cells(*head, bounds, told))


def _contents(content: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """Each media type with its object; JSON is not named where it has an object."""
    parts = document["components"]["schemas"]
    found = []
    for media, one in content.items():
        schema = one.get("schema") or one.get("itemSchema") or {}
        told = type_of(schema, parts, _link) if schema else ""
        found.append(told if media == "application/json" and told else f"`{media}`{f', {told}' if '](' in told else ''}")
    return " or ".join(found)


def _objects(document: Mapping[str, Any], operations: list[Mapping[str, Any]], problems: bool) -> list[str]:
    """Names of those that the operations refer to, and those that these refer to."""
    parts, found = document["components"]["schemas"], set[str]()
    wanted = {name for operation in operations for name in _references(operation)}
    while wanted:
        found |= wanted
        wanted = {name for one in wanted for name in _references(parts[one])} - found
    left_out = set[str]() if problems else {"Problem", "ProblemField"}
    return sorted(name for name in found - left_out if parts[name].get("properties"))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(reference := value.get("$ref"), str) and "/schemas/" in reference:
            yield name_of(value) or ""
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            yield from _references(one)


def _object(document: Mapping[str, Any], name: str) -> Iterator[str]:
    parts = document["components"]["schemas"]
    schema = parts[name]
    yield f"### {name}\n"
    if about := schema.get("description"):
        yield f"{about}\n"
    yield "| field | type | default | allowed | what it is |\n|---|---|---|---|---|"
    for field, part in schema["properties"].items():
        given = part.get("default")
        default = "*required*" if field in schema.get("required", ()) else f"`{shown(given)}`" if given not in (None, [], {}) else "none"
        yield _cells(f"`{field}`", type_of(part, parts, _link), default, allowed(part, parts), part.get("description", ""))
    yield ""


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _cells(*texts: str) -> str:
    return f"| {' | '.join(map(cell, texts))} |"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text)
