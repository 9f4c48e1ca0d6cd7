"""What is allowed for a field of a document, in words for its author: pydantic's errors without the names of types.

`strict_yaml` calls it for each error and adds the line.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from placet_shared.near_names import did_you_mean

__all__ = ["allowed_words", "fields_at", "place_in"]

Path = Sequence[str | int]

_OPENINGS = ("Value error, ", "Assertion failed, ", "Input should be ", "Input should have ", "String should have ", "List should have ")
_QUOTED = re.compile(r"'([^']*)'")
_FIELDS = "fields below it, each as `name: value`"
_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    **{kind: lambda _: "text" for kind in ("string_type", "string_sub_type", "string_unicode")},
    **{kind: lambda _: "a whole number" for kind in ("int_type", "int_parsing", "int_from_float", "int_parsing_size")},
    **{kind: lambda _: "a number" for kind in ("float_type", "float_parsing")},
    **{kind: lambda _: "true or false" for kind in ("bool_type", "bool_parsing")},
    **{kind: lambda _: _FIELDS for kind in ("dict_type", "mapping_type", "model_type", "model_attributes_type")},
    **{kind: lambda _: "a list, such as `[a, b]`" for kind in ("list_type", "tuple_type", "is_instance_of")},
    "none_required": lambda _: "nothing",
    "finite_number": lambda _: "a finite number",
    "missing": lambda _: "is required",
    "string_pattern_mismatch": lambda facts: f"text of the form {facts['pattern']}",
    "string_too_short": lambda facts: f"text of at least {_counted(facts['min_length'], 'character')}",
    "string_too_long": lambda facts: f"text of at most {_counted(facts['max_length'], 'character')}",
    "too_short": lambda facts: f"at least {_counted(facts['min_length'], 'item')}",
    "too_long": lambda facts: f"at most {_counted(facts['max_length'], 'item')}",
    "greater_than": lambda facts: f"a number above {facts['gt']}",
    "greater_than_equal": lambda facts: f"{facts['ge']} or more",
    "less_than": lambda facts: f"a number below {facts['lt']}",
    "less_than_equal": lambda facts: f"{facts['le']} or less",
}


def allowed_words(entry: ErrorDetails, fields: Collection[str]) -> str:
    """Of one error of a document; `fields` are the names that are known where it stands."""
    kind, facts, name = entry["type"], entry.get("ctx", {}), str(entry["loc"][-1]) if entry["loc"] else ""
    if kind == "extra_forbidden":
        advice = did_you_mean(name, fields) or f"allowed are {', '.join(fields)}"
        return f"unknown field `{name[:100]}`, {advice}"
    if kind in ("literal_error", "enum"):
        question = did_you_mean(entry["input"], _QUOTED.findall(facts["expected"]))
        return f"{facts['expected']}{f'; {question}' if question else ''}"
    if words := _WORDS.get(kind):
        return words(facts)
    message = entry["msg"]
    for opening in _OPENINGS:
        message = message.removeprefix(opening)
    return message


def fields_at(model: type[BaseModel], path: Path) -> list[str]:
    """Names of the fields that the document may have at `path`, as its author writes them; none where it has no fields."""
    kinds: list[Any] = [model]
    for part in path:
        kinds = [inner for kind in kinds for inner in _inside(kind, part)]
    return list(dict.fromkeys(name for kind in kinds for option in _options(kind) for name, _ in _fields(option)))


def place_in(data: Any, path: Path, model: type[BaseModel]) -> list[str | int]:
    """`path` without what is no place in the document: pydantic names the types between which a value could choose."""
    place: list[str | int] = []
    for part in path:
        there = (isinstance(data, dict) and part in data) or (isinstance(data, list) and isinstance(part, int) and part < len(data))
        if there:
            data = data[part]
        elif part in fields_at(model, place):
            data = None
        else:
            continue
        place.append(part)
    return place


def _inside(kind: Any, part: str | int) -> Iterator[Any]:
    for option in _options(kind):
        yield from (inner for name, inner in _fields(option) if name == part)
        arguments = get_args(option)
        if arguments and not _fields(option):
            yield arguments[0 if isinstance(part, int) else -1]


def _options(kind: Any) -> Iterator[Any]:
    """The types that a value may have; of an annotated one the type itself."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _options(get_args(kind)[0])
    elif origin in (Union, UnionType):
        for option in get_args(kind):
            yield from _options(option)
    else:
        yield kind


def _fields(kind: Any) -> list[tuple[str, Any]]:
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    return [(field.alias or name, field.annotation) for name, field in kind.model_fields.items()]


def _counted(length: int, what: str) -> str:
    return f"{length} {what}{'' if length == 1 else 's'}"
