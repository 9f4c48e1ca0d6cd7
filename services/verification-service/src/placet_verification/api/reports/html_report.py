"""A run as one HTML file: without scripts, styles of its own, printable; everything in it stands in the run and its result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from placet_verification.api.reports.picture import Picture, number
from placet_verification.api.reports.pictures import pictures_of
from placet_verification.queries.runs import RunView

__all__ = ["CONTENT_POLICY", "html_report"]

CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""What a browser may load for it: nothing; the styles stand in the file, so that it can be kept and printed."""

MOST_RECORDS = 200
_DEFAULTS: Mapping[str, Any] = {"counts": True}
"""What results of the first format did not say."""


@dataclass(frozen=True, slots=True)
class _Section:
    """One check: its line in the summary, its records, its pictures."""

    summary: Mapping[str, Any]
    records: Sequence[Mapping[str, Any]]
    more: int
    pictures: Sequence[Picture]


def html_report(run: RunView, result: Mapping[str, Any] | None, observations: Mapping[str, Any], name: str | None = None) -> str:
    """`name` is what people call the version; `result` is None for a run that has none."""
    records = result["checks"] if result else ()
    sections = [_section(summary, records) for summary in run.checks or ()]
    bound = {} if result is None else {key: value for key, value in result.items() if key not in ("checks", "engine_versions", "sandbox")}
    return _template().render(
        run=run,
        name=name or run.version_id,
        sections=sections,
        bound=bound,
        engine=result["engine_versions"] if result and "engine_versions" in result else {},
        sandbox=result["sandbox"] if result and "sandbox" in result else {},
        observations=observations,
        policy=CONTENT_POLICY.replace("; frame-ancestors 'none'", ""),  # which a meta element can't state
    )


def _section(summary: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> _Section:
    own = [{**_DEFAULTS, **record} for record in records if record["check_id"] == summary["check_id"]]
    return _Section(summary, own[:MOST_RECORDS], max(0, len(own) - MOST_RECORDS), list(pictures_of(own)))


def _number(value: Any) -> str:
    return number(value) if isinstance(value, float) else "" if value is None else str(value)


def _drawn(svg: str) -> Markup:
    """A picture of `svg`, which escapes every text itself."""
    return Markup(svg)


@cache
def _template() -> Template:
    loader = PackageLoader("placet_verification.api.reports")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"number": _number, "drawn": _drawn}
    return environment.get_template("report.html")
