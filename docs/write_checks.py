"""Writes the page of checks, from the kinds that are installed with the service; `make docs` runs it."""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from placet_verification.checks import CheckKind, check_kinds
from placet_verification.checks.known_measures import MEASURES, Measure
from placet_verification.checks.known_metrics import METRICS

PAGE = Path(__file__).with_name("checks.md")
BEGIN, END = "<!-- made by `make docs` -->\n", "<!-- until here -->\n"
METRICS_BEGIN, METRICS_END = "<!-- metrics, made by `make docs` -->\n", "<!-- metrics until here -->\n"
NEEDS = {
    "attestations": "attestations of the artifact",
    "champion": "the deployed version",
    "registration": "what is registered about the version and its model",
    "training": "`training` data",
    "reference": "`reference` data",
}


def sections() -> Iterator[str]:
    """One for each of our own kinds, by name; other distributions document theirs."""
    for kind in check_kinds().values():
        if kind.parameters.__module__.startswith("placet_verification."):
            yield "\n".join(_section(kind))


def _section(kind: CheckKind[Any]) -> Iterator[str]:
    yield f"### {kind.name}\n"
    yield f"{kind.purpose}\n"
    if about := _about(kind):
        yield f"{about}\n"
    needs = [NEEDS[need] for need in sorted(kind.needs)]
    if not kind.runs_the_model:
        yield "Does not run the model, so a plan without data can have it.\n"
    if needs:
        yield f"Needs {' and '.join(needs)}.\n"
    fields = kind.parameters.model_json_schema(by_alias=True)
    parts = fields.get("$defs", {})
    if rows := [_row(name, part, name in fields.get("required", ()), parts) for name, part in fields.get("properties", {}).items()]:
        yield "| parameter | | default | |\n|---|---|---|---|"
        yield from rows
    else:
        yield "It has no parameters."
    yield ""


def _about(kind: CheckKind[Any]) -> str:
    """What the kind's module says after its first sentence."""
    document = inspect.getdoc(sys.modules[kind.parameters.__module__]) or ""
    return document.partition("\n\n")[2].replace("\n\n", "\n").strip()


def _row(name: str, part: dict[str, Any], required: bool, parts: dict[str, Any]) -> str:
    default = "" if required else _plain(part.get("default"))
    return f"| `{name}` | {_type(part, parts)} | {default} | {part.get('description', '')} |"


def _type(part: dict[str, Any], parts: dict[str, Any]) -> str:
    """Of an object, the names of its members."""
    if reference := part.get("$ref"):
        members = parts[reference.rpartition("/")[2]]
        return f"{{{', '.join(members.get('properties', ()))}}}" if members.get("properties") else _type(members, parts)
    if "enum" in part:
        return " · ".join(f"`{value}`" for value in part["enum"])
    if "const" in part:
        return f"`{part['const']}`"
    if options := part.get("anyOf"):
        return " or ".join(text for option in options if (text := _type(option, parts)) != "null")
    if part.get("type") == "array":
        return f"list of {_type(part.get('items', {}), parts)}"
    return str(part.get("type", "object"))


def _plain(value: Any) -> str:
    if value is None or value in ([], {}):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def metrics() -> Iterator[str]:
    """Those that a plan may ask for, then every other number of a record."""
    yield "| metric | task | better | definition | source |\n|---|---|---|---|---|"
    for name, metric in METRICS.items():
        yield f"| `{name}` | {', '.join(metric.tasks)} | {metric.better} | {_defined(MEASURES[name])} |"
    yield "\nFurther numbers of records:\n\n| number | definition | source |\n|---|---|---|"
    yield from (f"| `{name}` | {_defined(measure)} |" for name, measure in sorted(MEASURES.items()) if name not in METRICS)


def _defined(measure: Measure) -> str:
    return " | ".join(text.replace("|", "\\|") for text in (measure.definition, measure.source))


def with_sections(page: str) -> str:
    """The page with today's kinds and metrics, each between two marks."""
    page = _between(page, BEGIN, END, sections())
    return _between(page, METRICS_BEGIN, METRICS_END, metrics())


def _between(page: str, begin: str, end: str, lines: Iterator[str]) -> str:
    before, rest = page.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{chr(10).join(lines)}\n{end}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_sections(PAGE.read_text()))
