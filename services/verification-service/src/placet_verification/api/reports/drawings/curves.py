"""Curves over thresholds and predictions, the deployed version's beside: ROC, precision and recall, calibration."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from placet_verification.api.reports.picture import Picture, Record, interval, named, number
from placet_verification.api.reports.svg import Axis, Series, lines

__all__ = ["NAMES", "calibration", "curves_by_class", "precision_recall", "roc", "truth_by_prediction"]

NAMES = {"champion": "deployed version", "challenger": "this version"}
Curve = Sequence[tuple[float, float]]


def roc(value: Any, record: Record) -> Iterator[Picture]:
    """With the area under what is drawn."""
    curves = _points(value)
    if not curves:
        return
    areas = {name: sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(curve)) for name, curve in curves.items()}
    said = ", ".join(f"{area:.3f} of {named(name)}" for name, area in areas.items())
    chance = Series("chance", [(0, 0), (1, 1)], dashed=True)
    shown = [Series(name, curve) for name, curve in curves.items()]
    yield Picture(
        title="ROC curve",
        sentence=f"The area under the drawn curve is {said}; a model that knows nothing follows the dashed line.",
        svg=lines("ROC curve", Axis("false positive rate"), Axis("true positive rate"), [*shown, chance]),
        headings=("model", "false positive rate", "true positive rate"),
        rows=_table(curves),
    )


def precision_recall(value: Any, record: Record) -> Iterator[Picture]:
    """With the precision where half of the positive rows are found, and where all are."""
    curves = _points(value)
    if not curves:
        return
    said = ", ".join(f"{_at_half(curve):.3f} and {curve[-1][1]:.3f} of {named(name)}" for name, curve in curves.items())
    yield Picture(
        title="Precision and recall",
        sentence=f"The precision where half and where all of the positive rows are found is {said}.",
        svg=lines("Precision and recall", Axis("recall"), Axis("precision"), [Series(name, curve) for name, curve in curves.items()]),
        headings=("model", "recall", "precision"),
        rows=_table(curves),
    )


def calibration(value: Any, record: Record) -> Iterator[Picture]:
    """What occurred by what was predicted."""
    curves = {name: [one for one in curve if one["n"] and one["share"] is not None] for name, curve in _several(value).items()}
    curves = {name: curve for name, curve in curves.items() if curve}
    if not curves:
        return
    of = "this version" if "this version" in curves else next(iter(curves))
    worst = max(curves[of], key=lambda one: abs(one["share"] - one["mean_probability"]))
    said = f"{number(worst['share'])} occurred where {number(worst['mean_probability'])}"
    shown = [_with_spread(name, curve, spread=name == of) for name, curve in curves.items()]
    ideal = Series("ideal", [(0, 0), (1, 1)], dashed=True)
    yield Picture(
        title="Calibration",
        sentence=f"Of {named(of)}, farthest from the dashed line: {said} was predicted, in {worst['n']} rows.",
        svg=lines("Calibration", Axis("predicted probability"), Axis("share that occurred"), [*shown, ideal]),
        headings=("model", "predicted", "occurred", "95 % interval", "rows"),
        rows=[
            (name, number(one["mean_probability"]), number(one["share"]), interval(one["ci"]), str(one["n"]))
            for name, curve in curves.items()
            for one in curve
        ],
    )


def curves_by_class(value: Any, record: Record) -> Iterator[Picture]:
    """ROC and precision-recall curves of each class against all others."""
    for name, draw in (("roc", roc), ("precision_recall", precision_recall)):
        yield from draw({f"class {one['class']}": one[name] for one in value}, record)


def truth_by_prediction(value: Any, record: Record) -> Iterator[Picture]:
    """Of a regression: the mean of the truth in tenths of the rows by their prediction."""
    if not value:
        return
    ends = [edge for one in value for edge in (one["predicted"], one["true"], *one["ci"])]
    low, high = min(ends), max(ends)
    worst = max(value, key=lambda one: abs(one["true"] - one["predicted"]))
    of = [[(one["predicted"], one["ci"][end]) for one in value] for end in (0, 1)]
    shown = Series("this version", [(one["predicted"], one["true"]) for one in value], low=of[0], high=of[1])
    yield Picture(
        title="Truth by prediction",
        sentence=f"Farthest from the dashed line: rows predicted as {number(worst['predicted'])} on average are {number(worst['true'])}.",
        svg=lines(
            "Truth by prediction",
            Axis("mean prediction", low, high),
            Axis("mean truth", low, high),
            [shown, Series("ideal", [(low, low), (high, high)], dashed=True)],
        ),
        headings=("mean prediction", "mean truth", "95 % interval", "rows"),
        rows=[(number(one["predicted"]), number(one["true"]), interval(one["ci"]), str(one["n"])) for one in value],
    )


def _several(value: Any) -> dict[str, Any]:
    """One curve, or one for each model: this version's first."""
    curves = value if isinstance(value, Mapping) else {"this version": value}
    ordered = sorted(curves, key=lambda name: name == "champion")
    return {NAMES.get(name, str(name)): curves[name] for name in ordered if curves[name]}


def _points(value: Any) -> dict[str, Curve]:
    return {name: [(float(a), float(b)) for a, b in curve] for name, curve in _several(value).items()}


def _at_half(curve: Curve) -> float:
    return min(curve, key=lambda point: abs(point[0] - 0.5))[1]


def _with_spread(name: str, curve: Sequence[Record], *, spread: bool) -> Series:
    points = [(one["mean_probability"], one["share"]) for one in curve]
    if not spread or any(not one["ci"] for one in curve):
        return Series(name, points)
    low, high = ([(one["mean_probability"], one["ci"][end]) for one in curve] for end in (0, 1))
    return Series(name, points, low=low, high=high)


def _table(curves: Mapping[str, Curve]) -> list[tuple[str, str, str]]:
    return [(name, number(a), number(b)) for name, curve in curves.items() for a, b in _thinned(curve)]


def _thinned(curve: Curve) -> Curve:
    """About twenty points of a curve."""
    step = max(1, len(curve) // 20)
    return [*curve[::step], *([curve[-1]] if (len(curve) - 1) % step else [])]
