"""JSON schemas in words, for the tables of the reference pages."""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["allowed", "cell", "name_of", "resolved", "shown", "type_of"]

Schema = Mapping[str, Any]

_WORDS = {"string": "text", "boolean": "true or false", "array": "list", "null": "null"}
_BOUNDS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "less than {}"),
    ("minItems", "at least {} of them"),
    ("maxItems", "at most {} of them"),
    ("maxProperties", "at most {} of them"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
)
_PATTERNS = {
    r"^[a-z][a-z0-9_-]{0,62}$": "a-z 0-9 _ -, a letter first",
    r"^[a-z][a-z0-9_.-]{0,62}$": "a-z 0-9 _ . -, a letter first",
    r"^[a-z][a-z0-9-]{1,40}$": "a-z 0-9 -, a letter first, at least 2 characters",
    r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$": "a-z 0-9 -, no - at its ends",
    r"^[0-9a-f]{64}$": "64 hexadecimal digits, small letters",
    r"^[1-9][0-9]{0,4}[smhdw]$": "such as 90s, 45m, 12h, 30d or 8w; ten years at most",
    r"^[\w ./:+*=<>()\[\]%#-]{1,200}$": "letters, digits, spaces and . / : + * = < > ( ) [ ] % # - _",
    r"^[\w ./:+<>=-]{1,100}$": "letters, digits, spaces and . / : + < > = - _",
    r"^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+$": "names with dots between them, such as numpy.ndarray",
}


def resolved(schema: Schema, parts: Schema) -> Schema:
    """What a reference leads to, without the alternative null; `parts` are the schemas by name."""
    while True:
        if reference := schema.get("$ref"):
            schema = {**parts[reference.rpartition("/")[2]], **{name: value for name, value in schema.items() if name != "$ref"}}
        elif len(options := _options(schema)) == 1:
            schema = {**options[0], **{name: value for name, value in schema.items() if name not in ("anyOf", "oneOf", "allOf")}}
        else:
            return schema


def name_of(schema: Schema) -> str | None:
    """Of the schema that it refers to, alone or beside null."""
    options = _options(schema)
    reference = schema.get("$ref") or (options[0].get("$ref") if len(options) == 1 else None)
    return str(reference).rpartition("/")[2] if reference else None


def type_of(schema: Schema, parts: Schema, link: Callable[[str], str] | None = None) -> str:
    """Its values in words; those of an enumeration one by one. An object that has a name is a `link`, if there is one."""
    if link and (name := name_of(schema)) and parts[name].get("properties"):
        return link(name)
    schema = resolved(schema, parts)
    if "enum" in schema:
        return " · ".join(f"`{shown(value)}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{shown(schema['const'])}`"
    if options := _options(schema):
        return " or ".join(dict.fromkeys(type_of(option, parts, link) for option in options))
    if schema.get("type") == "array":
        of = type_of(schema.get("items", {}), parts, link)
        return "list" if of == "any value" else f"list of {of}"
    values = schema.get("additionalProperties") or next(iter(schema.get("patternProperties", {}).values()), None)
    if isinstance(values, Mapping) and not schema.get("properties"):
        return f"object of names and {type_of(values, parts, link)}"
    kind = schema.get("type", "object" if "properties" in schema else "any value")
    if kind == "string" and (form := schema.get("format")):
        return f"text ({form})"
    return _WORDS.get(str(kind), str(kind))


def allowed(schema: Schema, parts: Schema) -> str:
    """Its bounds, and those of what is in a list."""
    schema = resolved(schema, parts)
    bounds = [words.format(shown(schema[name])) for name, words in _BOUNDS if name in schema]
    if pattern := schema.get("pattern"):
        bounds.append(_pattern(pattern))
    if schema.get("type") == "array" and (each := allowed(schema.get("items", {}), parts)):
        bounds.append(f"each {each}")
    return ", ".join(bounds)


def shown(value: Any) -> str:
    """A value as it is written in YAML and JSON."""
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "null"}[value]
    return str(value).replace("\t", "\\t")


def cell(text: str) -> str:
    """One cell of a table: one line, without a bar that would end it."""
    return " ".join(text.split()).replace("|", "\\|")


def _pattern(pattern: str) -> str:
    """In words, where there are any; LookupError for one that a page would take for a link."""
    if pattern not in _PATTERNS and "](" in pattern:
        raise LookupError(f"say in words what the pattern {pattern} allows")
    return _PATTERNS.get(pattern, f"pattern `{pattern}`")


def _options(schema: Schema) -> list[Schema]:
    options = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    return [option for option in options if option.get("type") != "null"]
