"""A comparison of two runs as one HTML file, in the same form as a report."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from placet_verification.api.reports.drawings import curves
from placet_verification.api.reports.drawn_parameters import fitting
from placet_verification.api.reports.html_report import META_POLICY, template
from placet_verification.api.reports.picture import Picture, Record

__all__ = ["comparison_page"]

MOST_RECORDS = 100
DRAW = {"roc": curves.roc, "precision_recall": curves.precision_recall, "curve": curves.calibration}
NOT_SAME = {
    "model": "The two runs are of different models.",
    "environment": "The two runs are for different environments.",
    "plan_version": "The two runs are by different versions of a plan: thresholds may differ.",
    "data": "The two runs are on different data, so that a difference may be that of the rows.",
}


def comparison_page(comparison: Mapping[str, Any], names: tuple[str, str], records: tuple[Sequence[Record], Sequence[Record]]) -> str:
    """`names` are those of the run and of the one beside it, `records` their results' checks, which are drawn together."""
    if names[0] == names[1]:
        names = f"{names[0]}, this run", f"{names[1]}, the other run"
    warnings = [warning for what, warning in NOT_SAME.items() if not comparison["same"][what]]
    if comparison["same"]["artifact"]:
        warnings.append("Both runs are of the same bytes.")
    return template("comparison.html").render(
        found=comparison,
        names=names,
        warnings=warnings,
        differing=[check for check in comparison["checks"] if check["statuses"]["run"] != check["statuses"]["beside"]],
        pictures=list(_together(records, names)),
        most=MOST_RECORDS,
        policy=META_POLICY,
    )


def _together(records: tuple[Sequence[Record], Sequence[Record]], names: tuple[str, str]) -> Iterator[Picture]:
    """The curves that both have, in one picture each."""
    mine, theirs = (list(_curves(of)) for of in records)
    for what, title, own in sorted(mine, key=lambda curve: list(DRAW).index(curve[0])):
        other = next((curve for kind, name, curve in theirs if (kind, name) == (what, title)), None)
        if other:
            for picture in fitting(DRAW[what], {names[0]: own, names[1]: other}, {}):
                yield Picture(f"{picture.title}{title}", picture.sentence, picture.svg, picture.headings, picture.rows)


def _curves(records: Sequence[Record]) -> Iterator[tuple[str, str, Any]]:
    """What is drawn, of which class, and its points."""
    for record in records:
        parameters = record.get("parameters") or {}
        for curve in fitting(list, parameters.get("curves") or ()):
            if isinstance(curve, Mapping):
                yield from (
                    (what, f" of class {curve.get('class')}", curve[what]) for what in ("roc", "precision_recall") if curve.get(what)
                )
        if parameters.get("curve"):
            yield "curve", "", parameters["curve"]
