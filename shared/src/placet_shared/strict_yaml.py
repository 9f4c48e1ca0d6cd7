"""Strict YAML for documents that people write (policies, plans): every error names its line.

`parse_document` gives plain JSON data and the lines it stood in; `read_document` also holds it against a pydantic model; `read_aside`
does either beside the event loop. Size, depth and number of values are limited, so that reading takes well under a second.
Scalars follow the YAML 1.2 core schema, so `no` is a word and not a boolean. Anchors and aliases are refused: a document of
a kilobyte could otherwise stand for gigabytes.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from placet_shared.errors import FieldError, Malformed
from placet_shared.wrong_fields import allowed_words, fields_at, place_in

__all__ = [
    "DEPTH_LIMIT",
    "SIZE_LIMIT",
    "VALUE_LIMIT",
    "Document",
    "Path",
    "document_error",
    "parse_document",
    "read_aside",
    "read_document",
    "refused_fields",
]

SIZE_LIMIT = 64 * 1024
DEPTH_LIMIT = 32
VALUE_LIMIT = 10_000
_INTEGER_LIMIT = 2**63 - 1

Path = Sequence[str | int]
M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

# One at a time: the requests that are served meanwhile get at least half of the interpreter.
_reader = ThreadPoolExecutor(1, "documents")

_STRING = "tag:yaml.org,2002:str"
_CONSTRUCTED: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:bool": lambda text: text.lower() == "true",
    "tag:yaml.org,2002:int": lambda text: int(text[:40]),
    "tag:yaml.org,2002:float": float,
    _STRING: str,
}


class Document(NamedTuple):
    """The data of a text, and where they stand: `line_of(("rules", 0, "quorum"))` is the line, 1-based, of that value's key.

    For a path that does not exist (a missing field) it is the line of the nearest thing around it.
    """

    data: Any
    line_of: Callable[[Path], int]


class _Loader(yaml.SafeLoader):
    """The YAML 1.2 core schema's scalars instead of YAML 1.1's, and none of the features by which a small text expands to much."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._values = self._documents = 0

    def get_event(self) -> Any:
        """The next one; anchors, aliases, tags, second documents and too much of anything are refused before they are gone into."""
        event: yaml.Event = super().get_event()  # type: ignore[no-untyped-call]
        self._refuse_tricks(event, event.start_mark.line + 1 if event.start_mark else 1)
        return event

    def _refuse_tricks(self, event: yaml.Event, line: int) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise document_error(line, "", "", "no anchors and no aliases: write the value out")
        if tag := getattr(event, "tag", None):
            raise document_error(line, "", str(tag), "no explicit tags")
        self._documents += isinstance(event, yaml.DocumentStartEvent)
        self._depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        self._values += isinstance(event, yaml.NodeEvent)
        if self._documents > 1:
            raise document_error(line, "", "", "one document in one text")
        if self._depth > DEPTH_LIMIT:
            raise document_error(line, "", "", f"at most {DEPTH_LIMIT} levels")
        if self._values > VALUE_LIMIT:
            raise document_error(line, "", "", f"at most {VALUE_LIMIT} keys and values")


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def parse_document(text: str) -> Document:
    """One YAML document as plain JSON data; raises `Malformed` with code `document_invalid` that names the line."""
    if len(text) > SIZE_LIMIT or len(text.encode("utf-8", "surrogatepass")) > SIZE_LIMIT:
        raise _too_long()
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise document_error(mark.line + 1 if mark else 1, "", "", f"YAML ({error.problem or error.context})") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise document_error(line, "", "", "printable characters only") from error
    if node is None:
        raise document_error(1, "", "", "a document that is not empty")
    lines: dict[tuple[str | int, ...], int] = {(): node.start_mark.line + 1}
    data = _plain(node, (), lines)
    return Document(data, lambda path: _nearest(lines, tuple(path)))


def read_document(model: type[M], document: Document | str) -> M:
    """The document, or text of one, as an instance of `model`; raises `Malformed` that lists each wrong field with its line."""
    document = parse_document(document) if isinstance(document, str) else document
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise refused_fields(document, error, model) from error


def refused_fields(
    document: Document, error: ValidationError, model: type[BaseModel], within: Path = (), beside: Sequence[str] = ()
) -> Malformed:
    """The refusal that lists each wrong field with its line, of the part of the document at `within`, which is a `model`.

    `beside` are fields that this part may have and the model does not know.
    """
    part = document.data
    for step in within:
        part = part[step]
    found: dict[str, FieldError] = {}
    # Unknown fields first: a required one that is missing may be one of them, mistyped.
    for entry in sorted(error.errors(include_url=False), key=lambda entry: entry["type"] != "extra_forbidden"):
        place = place_in(part, entry["loc"], model)
        fields = fields_at(model, place[:-1])
        allowed = allowed_words(entry, fields if place[1:] else [*beside, *fields])
        one = _field_error(document, (*within, *place), entry, allowed)
        # Of a value that fits none of several types, what each of them allows.
        known = found.get(one.field)
        found[one.field] = one if known is None else FieldError(one.field, one.value, f"{known.allowed}, or {one.allowed}")
    return _combined(list(found.values()))


async def read_aside(read: Callable[[str], T], body: bytes) -> T:
    """The result of `read` for the body's text, made in a thread: other requests go on. Raises `Malformed` as it does.

    Call it only after it was checked that the caller may send documents.
    """
    if len(body) > SIZE_LIMIT:
        raise _too_long()
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Malformed("The document is no UTF-8 text.", code="document_invalid", resolve="Save it as UTF-8.") from error
    return await asyncio.get_running_loop().run_in_executor(_reader, read, text)


def document_error(line: int, field: str, value: Any, allowed: str) -> Malformed:
    """The refusal of one value: for rules that span fields and that no model can express."""
    place = f"line {line}: {field}" if field else f"line {line}"
    return _combined([FieldError(place, value, allowed)])


def _too_long() -> Malformed:
    return document_error(1, "", "", f"a document of at most {SIZE_LIMIT // 1024} KiB")


def _combined(errors: list[FieldError]) -> Malformed:
    first, more = errors[0], len(errors) - 1
    rest = f" (and {more} more)" if more else ""
    return Malformed(
        f"{first.field}: {first.allowed}{rest}",
        code="document_invalid",
        resolve="Correct the lines that `errors` names and send the document again.",
        errors=errors,
    )


def _field_error(document: Document, path: Path, entry: ErrorDetails, allowed: str) -> FieldError:
    """With the value where it is a scalar, and wrong in itself: the author sees the line of any other."""
    value = entry["input"]
    shown = value if isinstance(value, str | int | float) and entry["type"] != "extra_forbidden" else None
    if isinstance(shown, str) and "PRIVATE KEY" in shown:
        shown = "a private key, which is not repeated here"
    dotted = ".".join(str(part) for part in path)
    return FieldError(f"line {document.line_of(path)}: {dotted}" if dotted else f"line {document.line_of(path)}", shown, allowed)


def _plain(node: yaml.Node, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]) -> Any:
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key, line, value in _entries(node, path):
            lines[(*path, key)] = line
            result[key] = _plain(value, (*path, key), lines)
        return result
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines[(*path, index)] = item.start_mark.line + 1
        return [_plain(item, (*path, index), lines) for index, item in enumerate(node.value)]
    return _scalar(node, path)


def _entries(node: yaml.MappingNode, path: tuple[str | int, ...]) -> Iterator[tuple[str, int, yaml.Node]]:
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise document_error(line, _dotted(path), "", "keys that are words")
        if key.value in seen:
            raise document_error(line, _dotted((*path, key.value)), key.value, f"each key once; it stood in line {seen[key.value]}")
        seen[key.value] = line
        yield key.value, line, value


def _scalar(node: yaml.Node, path: tuple[str | int, ...]) -> Any:
    value = _CONSTRUCTED[node.tag](node.value)
    out_of_range = isinstance(value, int) and abs(value) > _INTEGER_LIMIT
    if out_of_range or value in (float("inf"), float("-inf")):
        raise document_error(node.start_mark.line + 1, _dotted(path), node.value[:40], "a number of at most 64 bits")
    return value


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in path)


def _nearest(lines: dict[tuple[str | int, ...], int], path: tuple[str | int, ...]) -> int:
    while path not in lines:
        path = path[:-1]
    return lines[path]
