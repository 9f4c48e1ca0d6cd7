"""The pictures of a report: for each check whose records have something to draw, a chart, what it shows in one sentence, and a table."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from placet_verification.api.reports.drawn_parameters import drawn
from placet_verification.api.reports.picture import Picture, number
from placet_verification.api.reports.svg import Axis, Bar, bars

__all__ = ["pictures_of"]

Record = Mapping[str, Any]
MOST_BARS = 40
MOST_PICTURES = 12


def pictures_of(records: Sequence[Record]) -> Iterator[Picture]:
    """Of the records of one check."""
    yield from _slices(records)
    shown = (picture for record in records for picture in drawn(record.get("parameters") or {}, record["slice"]))
    yield from islice(shown, MOST_PICTURES)


def _slices(records: Sequence[Record]) -> Iterator[Picture]:
    """Values by group, feature or corruption, with their intervals and what they are held against."""
    for metric in dict.fromkeys(record["metric"] for record in records if record["slice"] and record["value"] is not None):
        of_metric = [record for record in records if record["metric"] == metric and record["slice"] and record["value"] is not None]
        if len(of_metric) < 2:
            continue
        shown = of_metric[:MOST_BARS]
        thresholds = sorted({record["threshold"] for record in shown if record["threshold"] is not None})
        edges = [edge for record in shown for edge in (record["value"], *(record["ci"] or ()))] + thresholds
        axis = Axis(str(metric), min(0.0, *edges), max(edges) or 1.0)
        found = [Bar(record["slice"], record["value"], tuple(record["ci"]) if record["ci"] else None) for record in shown]
        worst = next((record for record in shown if record["status"] in ("FAIL", "WARN")), None)
        verdict = f"; {worst['slice']} is {worst['status']}" if worst else ""
        least, most = min(shown, key=_value), max(shown, key=_value)
        lowest, highest = (f"{number(record['value'])} ({record['slice']})" for record in (least, most))
        yield Picture(
            title=f"{metric} by slice",
            sentence=f"{metric} lies between {lowest} and {highest}{verdict}.",
            svg=bars(f"{metric} by slice", axis, found, [("must be", threshold) for threshold in thresholds]),
            headings=("slice", str(metric), "95 % interval", "rows", "status"),
            rows=[
                (record["slice"], number(record["value"]), _interval(record), str(record["n"] or ""), record["status"]) for record in shown
            ],
        )


def _value(record: Record) -> float:
    return float(record["value"])


def _interval(record: Record) -> str:
    return f"{record['ci'][0]:.4g} to {record['ci'][1]:.4g}" if record["ci"] else ""
