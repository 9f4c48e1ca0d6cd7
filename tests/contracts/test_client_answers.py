"""What the client asks for exists, and what it reads of an answer is what the services promise in their OpenAPI documents."""

import importlib
import inspect
import re
import types
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest

import placet_client.operations
from placet_client import SERVICES, DataSetFile, Registration, Subject
from placet_client.answers.answer import Answer
from placet_client.calls import Call, Operation, Reading, Work
from placet_client.services import Approval, Audit, Installation, Parked, Registry, Verification, method

NOBODY = "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c12"
BY_NAME: Mapping[str, Any] = {
    "number": 1, "index": 1, "position": 1, "seconds": 0.0, "service": "approval", "roles": [], "body": {}, "verb": "approve",
    "emergency": {}, "begun": {NOBODY: None}, "release": NOBODY,
    "types": ["*"],
}  # fmt: skip
QUESTION = {"environment": "prod", "version_id": NOBODY}
PRIMITIVES = {str: {"string"}, int: {"integer"}, float: {"number", "integer"}, bool: {"boolean"}, datetime: {"string"}}


def operations() -> Iterator[tuple[str, Any]]:
    """Every method of the clients, by its name."""
    for part in (Registry, Verification, Approval, Audit, Parked, Installation):
        names = [name for name, value in vars(part).items() if isinstance(value, method)]
        yield from ((f"{part.__name__}.{name}", getattr(part, name)) for name in names)


OPERATIONS = dict(operations())
OPERATION_FILES = sorted(Path(placet_client.operations.__file__).parent.glob("*.py"))


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    """The OpenAPI document of each service."""
    return {service: document_of(service) for service in SERVICES}


def document_of(service: str) -> Any:
    settings = getattr(importlib.import_module(f"placet_{service}.settings"), f"{service.capitalize()}Settings")
    application = getattr(importlib.import_module(f"placet_{service}.app"), f"{service}_app")
    return application(settings.load(database_url="postgresql://nobody@localhost/nothing")).openapi()


def arguments(function: Any, file: Path) -> dict[str, Any]:
    given = {"file": file, "question": QUESTION, "subject": Subject(version_id=NOBODY, environment="prod")}
    given["wanted"] = Registration("fraud", file, "onnx", lineage={"trained_by": ["alice"]})
    given["data"] = DataSetFile("fraud-test", file, "test", period=("2026-01-01", "2026-03-31"))
    parameters = inspect.signature(function).parameters.values()
    needed = [one.name for one in parameters if one.default is one.empty and one.kind is not one.VAR_KEYWORD]
    return {name: given.get(name, BY_NAME.get(name, "x")) for name in needed}


def calls_of(operation: Operation[Any]) -> Iterator[Call[Any]]:
    """The calls that it makes when each is answered with as little as there can be."""
    flow, came = iter(operation), None
    while True:
        try:
            step = flow.send(came)
        except StopIteration:
            return
        came = None
        if isinstance(step, Call):
            yield step
            came = sample(step.answer)
        elif isinstance(step, Work):
            came = step.function()
        elif isinstance(step, Reading):
            came = step.function(None)


def sample(type_: Any) -> Any:
    """A value of the type, with nothing in it that need not be."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return type_(**{field.name: sample(field.type) for field in msgspec.structs.fields(type_) if field.required})
    plain = {str: "pending", int: 1, float: 1.0, bool: True, datetime: datetime(2026, 11, 23, tzinfo=UTC), type(None): None, bytes: b""}
    return plain[type_] if type_ in plain else get_origin(type_)()


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_asks_for_what_there_is_and_reads_what_is_promised(documents: dict[str, Any], tmp_path: Path, name: str) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(b"x")
    function = OPERATIONS[name]
    operation = function(**arguments(function, file))
    calls = list(calls_of(operation))
    assert calls or isinstance(operation, Reading), "it asks a service, or only reads a file"
    for call in calls:
        document = documents[call.service]
        found = described(document, call)
        assert set(call.query) <= {one["name"] for one in found.get("parameters", []) if one.get("in") == "query"}
        if call.answer not in (type(None), bytes, Answer) and not call.query.get("dry_run"):
            assert (
                list(differences(call.answer, schema_of(found, call.answer), document["components"]["schemas"], call.answer.__name__)) == []
            )


def described(document: Any, call: Call[Any]) -> Any:
    """The operation's part of the document; the path with the fewest parameters counts."""
    fitting = [path for path in document["paths"] if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)), call.path)]
    return document["paths"][min(fitting, key=lambda path: path.count("{"))][call.method.lower()]


def schema_of(found: Any, wanted: Any) -> Any:
    """Of an operation with several answers, the one that is named like the client's."""
    answer = next(answer for status, answer in found["responses"].items() if status.startswith("2"))
    schema = answer["content"]["application/json"]["schema"]
    named = [option for option in schema.get("anyOf", ()) if option.get("$ref", "").endswith(f"/{wanted.__name__}Answer")]
    return named[0] if named else schema


def differences(type_: Any, schema: Any, schemas: Any, place: str) -> Iterator[str]:
    """Where a type of the client and a schema of a service do not agree."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    options = schema.get("anyOf", [schema])
    nullable = {"type": "null"} in options
    members = get_args(type_) if get_origin(type_) in (Union, types.UnionType) else (type_,)
    if nullable and type(None) not in members and type_ is not Any:
        yield f"{place} can be null"
    left = [member for member in members if member is not type(None)]
    if len(left) == 1 and left[0] is not Any:
        for option in options:
            if option != {"type": "null"}:
                yield from _differences(left[0], option, schemas, place)


def _differences(type_: Any, schema: Any, schemas: Any, place: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    origin = get_origin(type_)
    if type_ in PRIMITIVES:
        if schema.get("type", "string") not in PRIMITIVES[type_]:
            yield f"{place} is {schema['type']}"
        if (type_ is datetime) != (schema.get("format") == "date-time"):
            yield f"{place} has the format {schema.get('format')}"
    elif origin is tuple:
        yield from differences(get_args(type_)[0], schema.get("items", {}), schemas, f"{place}[]")
    elif origin is dict:
        if schema["type"] != "object":
            yield f"{place} is {schema['type']}"
    else:
        yield from _differences_of_members(type_, schema, schemas, place)


def _differences_of_members(type_: Any, schema: Any, schemas: Any, place: str) -> Iterator[str]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(type_)}
    yield from (f"{place}.{name} has no attribute" for name in schema["properties"].keys() - fields.keys())
    yield from (f"{place}.{name} is not promised" for name in fields.keys() - schema["properties"].keys())
    for name, field in fields.items():
        if field.required and name not in schema.get("required", []):
            yield f"{place}.{name} can be missing"
        if name in schema["properties"]:
            yield from differences(field.type, schema["properties"][name], schemas, f"{place}.{name}")


def test_difference_is_noticed() -> None:
    class Wrong(msgspec.Struct):
        name: str
        when: str
        more: int

    schema = {"properties": {"name": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "when": {"type": "string", "format": "date-time"}}}
    assert set(differences(Wrong, schema, {}, "W")) == {
        "W.more is not promised", "W.name can be missing", "W.when can be missing", "W.more can be missing",
        "W.name can be null", "W.when has the format date-time",
    }  # fmt: skip


def test_every_operation_is_a_method_of_the_clients() -> None:
    reached = {(one.__module__, one.__name__) for one in OPERATIONS.values()}
    names = sorted(file.stem for file in OPERATION_FILES if file.stem not in ("__init__", "paths"))
    written = {
        (module.__name__, name)
        for module in (importlib.import_module(f"placet_client.operations.{name}") for name in names)
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }
    assert {name for _, name in written - reached} == {"upload_as"}, "a step of other operations"
