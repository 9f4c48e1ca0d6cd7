"""What columns mean to the model: importance, partial dependence with single rows, and what each adds to one prediction."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

from placet_verification.api.reports.picture import Picture, Record, named, number
from placet_verification.api.reports.svg import Axis, Bar, Series, bars, lines

__all__ = ["contributions", "critical_rows", "dependence", "importance"]

MOST_BARS = 30
MOST_SHOWN_CATEGORIES = 30


def importance(records: Sequence[Record]) -> Iterator[Picture]:
    """The drop of the metric without each column, with its spread over the repeats."""
    ordered = sorted(records, key=lambda record: -record["value"])
    first, metric = ordered[0], str(ordered[0]["metric"]).removesuffix("_drop")
    found = [
        Bar(record["slice"], record["value"], (record["value"] - spread, record["value"] + spread))
        for record in ordered[:MOST_BARS]
        for spread in [record["parameters"]["deviation"]]
    ]
    edges = [edge for bar in found for edge in bar.ci or ()]
    has = f"has {first['parameters']['share']:.0%} of the importance of all columns"
    yield Picture(
        title="Importance of columns",
        sentence=f"{named(first['slice'])} {has}: without it, {metric} is worse by {number(first['value'])}.",
        svg=bars("Importance of columns", Axis(f"drop of {metric} when permuted", min(0.0, *edges), max(*edges, 0.0) or 1.0), found),
        headings=("column", f"drop of {metric}", "± over the repeats", "share of all"),
        rows=[
            (
                record["slice"],
                number(record["value"]),
                number(record["parameters"]["deviation"]),
                f"{record['parameters']['share']:.1%}" if record["parameters"]["share"] is not None else "",
            )
            for record in ordered
        ],
    )


def dependence(value: Any, record: Record) -> Iterator[Picture]:
    """`value` is the mean curve; the middle 80 % of the rows and some single rows (ICE) are drawn with it."""
    facts = record["parameters"]
    at, mean, low, high = facts["values"], value, facts["low"], facts["high"]
    if not len(at) == len(mean) == len(low) == len(high) or not at:
        return
    what, reach = record["slice"], max(mean) - min(mean)
    best, least = at[mean.index(max(mean))], at[mean.index(min(mean))]
    of = f"the score of {named(facts['of_class'])}" if facts.get("of_class") else "the prediction"
    moves = f"from {number(min(mean))} (at {named(_value(least))}) to {number(max(mean))} (at {named(_value(best))})"
    title = f"Partial dependence on {named(what)}"
    ends = [edge for edge in (*low, *high, *mean) if isfinite(edge)]
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in at)
    scale = Axis(of.removeprefix("the "), min(ends), max(ends))
    if numbers and len(at) > 1:
        middle = Series(
            "mean", list(zip(at, mean, strict=True)), low=list(zip(at, low, strict=True)), high=list(zip(at, high, strict=True))
        )
        single = [list(zip(at, curve, strict=True)) for curve in facts["single"] if len(curve) == len(at)]
        every = [edge for curve in facts["single"] for edge in curve if isfinite(edge)]
        wide = Axis(scale.label, min(ends + every), max(ends + every))
        svg = lines(title, Axis(str(what), at[0], at[-1]), wide, [middle], faint=single)
        drawn = "the band holds the middle 80 % of the rows, grey lines are single ones"
    else:
        found = [Bar(_value(name), *one) for name, *one in zip(at, mean, zip(low, high, strict=True), strict=True)]
        svg = bars(title, Axis(scale.label, min(0.0, scale.low), scale.high or 1.0), found[:MOST_SHOWN_CATEGORIES])
        drawn = "whiskers hold the middle 80 % of the rows"
    yield Picture(
        title=title,
        sentence=f"Over {named(what)}, {of} goes {moves} on average, by {number(reach)}; {drawn}.",
        svg=svg,
        headings=(str(what), "mean", "10 % of rows below", "10 % of rows above"),
        rows=[(_value(name), number(a), number(b), number(c)) for name, a, b, c in zip(at, mean, low, high, strict=True)],
    )


def contributions(value: Any, record: Record) -> Iterator[Picture]:
    """What each column adds to the prediction of one row, by its Shapley value."""
    found = [
        Bar(one["column"], one["value"], (one["value"] - 1.96 * one["standard_error"], one["value"] + 1.96 * one["standard_error"]))
        for one in value[:MOST_BARS]
    ]
    edges = [0.0, *(edge for bar in found for edge in bar.ci or ())]
    most = value[0]
    prediction, base = number(record["value"]), number(record["baseline_value"])
    moved = f"{named(most['column'])} moves it most, by {most['value']:+.4g}"
    yield Picture(
        title=f"Why {named(record['slice'])} is predicted so",
        sentence=f"The prediction is {prediction}, that of usual rows {base} on average; {moved}.",
        svg=bars(f"Contributions to {named(record['slice'])}", Axis("added to the prediction", min(edges), max(edges) or 1.0), found),
        headings=("column", "added", "standard error"),
        rows=[(one["column"], f"{one['value']:+.4g}", number(one["standard_error"])) for one in value],
    )


def critical_rows(value: Any, record: Record) -> Iterator[Picture]:
    """The rows that most corruptions decide otherwise, by their numbers alone."""
    if record.get("metric") != "critical_samples":
        return
    rows, tried = list(value), record["parameters"]["corruptions"]
    yield Picture(
        title="Critical rows",
        sentence=f"Row {rows[0]['row']} of the data is decided otherwise under {rows[0]['flips']} of {tried} corruptions.",
        svg="",
        headings=("row of the data", "corruptions that change its decision"),
        rows=[(str(one["row"]), f"{one['flips']} of {tried}") for one in rows],
    )


def _value(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value) or "(empty)"
    return number(float(value)) if isfinite(value) else "missing"
