"""A run as one HTML file: without scripts, styles of its own, printable; everything in it stands in the run and its result."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from placet_verification.api.reports.findings import findings_of, verdict_of
from placet_verification.api.reports.picture import Picture, Record, number
from placet_verification.api.reports.pictures import pictures_of
from placet_verification.api.reports.svg.marks import NOT_XML
from placet_verification.queries.runs import RunView

__all__ = ["CONTENT_POLICY", "META_POLICY", "html_report", "template"]

CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""What a browser may load for it: nothing; the styles stand in the file, so that it can be kept and printed."""
META_POLICY = CONTENT_POLICY.replace("; frame-ancestors 'none'", "")
"""The same without what a meta element can't state."""

MOST_RECORDS = 200
LONGEST = 120
"""Characters of a name: those of groups come from data, where a value may have any length. The result has it in full."""
_DEFAULTS: Mapping[str, Any] = {"counts": True}
"""What results of the first format did not say."""


@dataclass(frozen=True, slots=True)
class _Section:
    """One check: its line in the summary, its records, its pictures."""

    summary: Mapping[str, Any]
    records: Sequence[Record]
    more: int
    pictures: Sequence[Picture]
    observed: Sequence[tuple[str, Any]]

    @property
    def has_more(self) -> bool:
        """Whether there is anything that its line in the summary does not say."""
        said = any(record["slice"] or record.get("parameters", {}).get("statements") for record in self.records)
        return bool(self.pictures or self.observed or len(self.records) > 1 or said)


def html_report(run: RunView, result: Mapping[str, Any] | None, observations: Mapping[str, Any], name: str | None = None) -> str:
    """`name` is what people call the version; `result` is None for a run that has none."""
    records = result["checks"] if result else ()
    observed = observations.get("checks") or {}
    sections = [_section(summary, records, observed.get(summary["check_id"]) or {}) for summary in run.checks or ()]
    return template("report.html").render(
        run=run,
        name=name or run.version_id,
        verdict=verdict_of(run),
        findings=findings_of(run.checks or ()),
        sections=sections,
        engine=result["engine_versions"] if result and "engine_versions" in result else {},
        sandbox=result["sandbox"] if result and "sandbox" in result else {},
        observations=observations,
        policy=META_POLICY,
    )


def _section(summary: Mapping[str, Any], records: Sequence[Record], observed: Mapping[str, Any]) -> _Section:
    own = [{**_DEFAULTS, **record} for record in records if record["check_id"] == summary["check_id"]]
    more = max(0, len(own) - MOST_RECORDS)
    return _Section(summary, own[:MOST_RECORDS], more, pictures_of(own), list(_flat(observed)))


def _flat(observed: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Numbers and texts, those of members of members by both names."""
    for name, value in observed.items():
        words = f"{before} {name}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            yield from _flat(value, words)
        elif isinstance(value, str | int | float):
            yield words, value


def _number(value: Any) -> str:
    return number(value) if isinstance(value, float) else "" if value is None else str(value)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _drawn(svg: str) -> Markup:
    """A picture of `svg`, which escapes every text itself."""
    return Markup(svg)


def _sound(value: Any) -> Any:
    """Texts without control characters, which a page can't hold and a terminal obeys."""
    return value.translate(NOT_XML) if isinstance(value, str) else value


@cache
def template(name: str) -> Template:
    """A page by the name of its file: every text in it is escaped."""
    loader = PackageLoader("placet_verification.api.reports")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.finalize = _sound
    environment.filters |= {"number": _number, "drawn": _drawn, "short": _short}
    return environment.get_template(name)
