"""Writes the tables of events into events.md, from the contracts; `make docs` runs it."""

import inspect
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from placet_shared.contracts.catalogue import CATALOGUE, Published, every_version

PAGE = Path(__file__).with_name("events.md")
BEGIN, END = "<!-- made by `make docs` -->\n", "<!-- until here -->\n"
SHA256 = "^[0-9a-f]{64}$"

Schema = Mapping[str, Any]


def with_tables(page: str) -> str:
    """The page with today's tables between its two marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return "\n".join([f"{before}{BEGIN}", *sections(), f"{END}{after}"])


def sections() -> Iterator[str]:
    """What all services publish, then what each of them has of its own."""
    everywhere = set.intersection(*(set(events) for events in CATALOGUE.values()))
    yield section("every service", {name: one for name, one in CATALOGUE["audit"].items() if name in everywhere})
    for source, events in CATALOGUE.items():
        if own := {name: one for name, one in events.items() if name not in everywhere}:
            yield section(source, own)
    yield superseded()


def superseded() -> str:
    """What stands in logs and is written no more."""
    older = [(name, one) for source in CATALOGUE for name, one in every_version(source) if one != CATALOGUE[source][name]]
    rows = [event_row(name, one, one.model.model_json_schema()) for name, one in older]
    return "\n".join(["### written no more", "", "| event | subject | meaning | fields of `data` |", "|---|---|---|---|", *rows, ""])


def section(title: str, events: Mapping[str, Published]) -> str:
    """Events, and the parts that their fields are made of."""
    schemas = {name: one.model.model_json_schema() for name, one in events.items()}
    parts = {name: part for schema in schemas.values() for name, part in schema.get("$defs", {}).items()}
    rows = [event_row(name, one, schemas[name]) for name, one in events.items()]
    lines = [f"### {title}", "", "| event | subject | meaning | fields of `data` |", "|---|---|---|---|", *rows, ""]
    if parts:
        lines += ["| part | meaning | fields |", "|---|---|---|", *(part_row(name, part) for name, part in sorted(parts.items())), ""]
    return "\n".join(lines)


def event_row(name: str, published: Published, schema: Schema) -> str:
    """An event type, as its `type` attribute has it without the prefix."""
    meaning = inspect.getdoc(published.model) or ""
    return row(f"`{name}.v{published.schema_version}`", " or ".join(published.subject), meaning, fields_of(schema))


def part_row(name: str, schema: Schema) -> str:
    """An object inside an event's data."""
    return row(f"*{name}*", schema.get("description", ""), fields_of(schema))


def row(*cells: str) -> str:
    """A line of a table, with nothing in it that would break the table."""
    return f"| {' | '.join(' '.join(cell.split()).replace('|', '&#124;') for cell in cells)} |"


def fields_of(schema: Schema) -> str:
    """Each with its type, and what its description adds."""
    fields = schema["properties"].items()
    said = {name: f" ({field['description']})" if "description" in field else "" for name, field in fields}
    return "<br>".join(f"`{name}` {type_of(field)}{said[name]}" for name, field in fields)


def type_of(schema: Schema) -> str:
    """A type in words: JSON's own, and names for what has a form of its own."""
    match schema:
        case {"$ref": reference}:
            return f"*{reference.rpartition('/')[2]}*"
        case {"anyOf": choices}:
            return " or ".join(type_of(choice) for choice in choices)
        case {"const": value}:
            return json.dumps(value)
        case {"enum": values}:
            return " or ".join(json.dumps(value) for value in values)
        case {"type": "array", "prefixItems": items}:
            return f"[{', '.join(type_of(item) for item in items)}]"
        case {"type": "array", "items": item}:
            return f"list of {type_of(item)}"
        case {"type": "object", "additionalProperties": value}:
            return f"map to {type_of(value)}"
        case {"pattern": pattern} if pattern == SHA256:
            return "SHA-256"
        case {"format": "date-time"}:
            return "time"
        case {"type": type_}:
            return str(type_)
    return "anything"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text()))
