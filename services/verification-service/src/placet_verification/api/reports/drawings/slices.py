"""Values by group, feature or corruption, with their intervals and what they are held against."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from placet_verification.api.reports.picture import Picture, Record, interval, named, number
from placet_verification.api.reports.svg import Axis, Bar, bars

__all__ = ["by_slice", "rates_of_groups"]

MOST_BARS = 40
FROM_WORST = ("ERROR", "FAIL", "INSUFFICIENT_DATA", "WARN", "PASS", "NOT_APPLICABLE")
OWN_PICTURES = frozenset({"partial_dependence_range", "prediction"})
RATES: Mapping[str, str] = {
    "selection_rate": "Share predicted as positive",
    "tpr": "True positive rate",
    "fpr": "False positive rate",
    "ppv": "Precision",
}


def by_slice(records: Sequence[Record]) -> Iterator[Picture]:
    """One picture for each metric of several slices; where there are many, the worst of them."""
    measured = [record for record in records if record["slice"] and record["value"] is not None]
    for metric in dict.fromkeys(record["metric"] for record in measured):
        of_metric = [record for record in measured if record["metric"] == metric]
        if len(of_metric) > 1 and metric not in OWN_PICTURES and any(record["value"] for record in of_metric):
            yield _picture(str(metric), of_metric)


def _picture(metric: str, records: Sequence[Record]) -> Picture:
    shown = sorted(records, key=_status)[:MOST_BARS] if len(records) > MOST_BARS else records
    thresholds = [("must be", threshold) for threshold in sorted({record["threshold"] for record in shown} - {None})]
    every = sorted({record["baseline_value"] for record in shown} - {None}) if metric == "error_rate" else []
    marks = [*thresholds, *([("all rows", every[0])] if len(every) == 1 else [])]
    edges = [edge for record in shown for edge in (record["value"], *(record["ci"] or ()))] + [mark for _, mark in marks]
    found = [Bar(record["slice"], record["value"], tuple(record["ci"]) if record["ci"] else None) for record in shown]
    bad = [record for record in records if record["status"] in ("FAIL", "WARN")]
    worst = min(bad, key=_status) if bad else None
    verdict = f"; {named(worst['slice'])} is {worst['status']}{f', with {len(bad) - 1} more' if len(bad) > 1 else ''}" if worst else ""
    least, most = min(records, key=_value), max(records, key=_value)
    lowest, highest = (f"{number(record['value'])} ({named(record['slice'])})" for record in (least, most))
    title = f"{named(metric)} by slice"
    return Picture(
        title=title,
        sentence=f"{named(metric)} lies between {lowest} and {highest}{verdict}.",
        svg=bars(title, Axis(metric, min(0.0, *edges), max(*edges, 0.0) or 1.0), found, marks),
        headings=("slice", metric, "95 % interval", "rows", "status"),
        rows=[
            (record["slice"], number(record["value"]), interval(record["ci"]), str(record["n"] or ""), record["status"]) for record in shown
        ],
    )


def rates_of_groups(records: Sequence[Record]) -> Iterator[Picture]:
    """One picture for each rate, by group; groups too small to be judged are marked."""
    for rate, title in RATES.items():
        found = [(record["slice"], one) for record in records if (one := _rates(record).get(rate))]
        known = [(name, one) for name, one in found if one["value"] is not None]
        if len(known) < 2:
            continue
        shown = [Bar(_marked(name, one), one["value"], tuple(one["ci"]) if one["ci"] else None) for name, one in known[:MOST_BARS]]
        judged = [(name, one) for name, one in known if one["judged"]] or known
        least, most = min(judged, key=_rate), max(judged, key=_rate)
        lowest, highest = (f"{number(one['value'])} ({named(name)})" for name, one in (least, most))
        small = len(known) - sum(one["judged"] for _, one in known)
        yield Picture(
            title=f"{title} by group",
            sentence=f"It lies between {lowest} and {highest}{f'; {small} groups are too small to be judged' if small else ''}.",
            svg=bars(f"{title} by group", Axis(title.lower()), shown),
            headings=("group", title.lower(), "95 % interval", "rows", "judged"),
            rows=[
                (name, number(one["value"]), interval(one["ci"]), str(one["n"]), "yes" if one["judged"] else "no, too few")
                for name, one in known
            ],
        )


def _rates(record: Record) -> Mapping[str, Any]:
    return (record.get("parameters") or {}).get("rates") or {}


def _marked(name: str, one: Mapping[str, Any]) -> str:
    return name if one["judged"] else f"({name})"


def _rate(found: tuple[str, Mapping[str, Any]]) -> float:
    return float(found[1]["value"])


def _status(record: Record) -> int:
    return FROM_WORST.index(record["status"]) if record["status"] in FROM_WORST else 0


def _value(record: Record) -> float:
    return float(record["value"])
