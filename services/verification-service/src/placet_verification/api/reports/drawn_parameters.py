"""Pictures of what checks keep beside their values: curves, reliability, confusion, distributions; each by the name of the parameter."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from placet_verification.api.reports.picture import Picture, number
from placet_verification.api.reports.svg import Axis, Bar, Series, bars, lines, matrix

__all__ = ["drawn"]

IDEAL = Series("ideal", [(0, 0), (1, 1)], dashed=True)
NAMES = {"champion": "deployed version", "challenger": "this version"}


def drawn(parameters: Mapping[str, Any], of_slice: str | None) -> Iterator[Picture]:
    """Everything in a record's parameters that can be drawn; what is not in the expected form is left out."""
    for name, draw in DRAWN.items():
        try:
            pictures = list(draw(parameters[name], of_slice)) if parameters.get(name) else []
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):  # of a kind of another distribution, with this name
            continue
        yield from pictures


def _several(value: Any) -> dict[str, Any]:
    """One curve, or one for each model."""
    curves = value if isinstance(value, Mapping) else {"this version": value}
    return {NAMES.get(name, str(name)): curve for name, curve in curves.items() if curve}


def _roc(value: Any, of_slice: str | None) -> Iterator[Picture]:
    curves = {name: [(float(a), float(b)) for a, b in curve] for name, curve in _several(value).items()}
    if not curves:
        return
    areas = {name: sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(curve)) for name, curve in curves.items()}
    said = ", ".join(f"{area:.3f} of {name}" for name, area in areas.items())
    chance = Series("chance", [(0, 0), (1, 1)], dashed=True)
    shown = [Series(name, curve) for name, curve in curves.items()]
    yield Picture(
        title="ROC curve",
        sentence=f"The area under the drawn curve is {said}; a model that knows nothing follows the dashed line.",
        svg=lines("ROC curve", Axis("false positive rate"), Axis("true positive rate"), [*shown, chance]),
        headings=("model", "false positive rate", "true positive rate"),
        rows=[(name, number(a), number(b)) for name, curve in curves.items() for a, b in _thinned(curve)],
    )


def _precision_recall(value: Any, of_slice: str | None) -> Iterator[Picture]:
    curves = {name: [(float(a), float(b)) for a, b in curve] for name, curve in _several(value).items()}
    if not curves:
        return
    least = ", ".join(f"{min(curve, key=lambda point: point[1])[1]:.3f} of {name}" for name, curve in curves.items())
    yield Picture(
        title="Precision and recall",
        sentence=f"Precision falls to {least} where all positive rows are found.",
        svg=lines("Precision and recall", Axis("recall"), Axis("precision"), [Series(name, curve) for name, curve in curves.items()]),
        headings=("model", "recall", "precision"),
        rows=[(name, number(a), number(b)) for name, curve in curves.items() for a, b in _thinned(curve)],
    )


def _reliability(value: Any, of_slice: str | None) -> Iterator[Picture]:
    curves = {
        name: [one for one in curve if one["n"] and one["share"] is not None]
        for name, curve in _several(value if isinstance(value, Mapping) else {"this version": value}).items()
    }
    curves = {name: curve for name, curve in curves.items() if curve}
    if not curves:
        return
    shown = [Series(name, [(one["mean_probability"], one["share"]) for one in curve]) for name, curve in curves.items()]
    first = next(iter(curves.values()))
    worst = max(first, key=lambda one: abs(one["share"] - one["mean_probability"]))
    said = f"{number(worst['share'])} occurred where {number(worst['mean_probability'])}"
    yield Picture(
        title="Calibration",
        sentence=f"Farthest from the dashed line: {said} was predicted, in {worst['n']} rows.",
        svg=lines(
            "Calibration", Axis("predicted probability"), Axis("share that occurred"), [*shown, Series("ideal", [(0, 0), (1, 1)], True)]
        ),
        headings=("model", "predicted", "occurred", "95 % interval", "rows"),
        rows=[
            (name, number(one["mean_probability"]), number(one["share"]), _interval(one["ci"]), str(one["n"]))
            for name, curve in curves.items()
            for one in curve
        ],
    )


def _curves_by_class(value: Any, of_slice: str | None) -> Iterator[Picture]:
    """ROC and precision-recall curves of each class against all others."""
    for name, draw in (("roc", _roc), ("precision_recall", _precision_recall)):
        yield from draw({f"class {one['class']}": one[name] for one in value}, of_slice)


def _confusion(value: Any, of_slice: str | None) -> Iterator[Picture]:
    names, counts = [str(name) for name in value["classes"]], value["counts"]
    right = sum(counts[place][place] for place in range(len(names)))
    total = sum(sum(line) for line in counts)
    yield Picture(
        title="Confusion matrix",
        sentence=f"{right} of {total} rows are on the diagonal: predicted as what they are.",
        svg=matrix("Confusion matrix", "true class", "predicted class", names, counts) if len(names) <= 20 else "",
        headings=("true class", *(f"predicted {name}" for name in names)),
        rows=[(name, *(str(count) for count in line)) for name, line in zip(names, counts, strict=True)],
    )


def _histogram(value: Any, of_slice: str | None) -> Iterator[Picture]:
    """Scores by class, or shares of the reference and of today, by category or between edges."""
    if "of" in value:
        yield _scores(value)
        return
    if "categories" in value:
        cells = [str(name) for name in value["categories"]]
    else:
        edges = [number(edge) for edge in value["edges"]]
        cells = [f"up to {edges[0]}", *(f"{low} to {high}" for low, high in pairwise(edges)), f"above {edges[-1]}"]
    reference, current = value["reference"], value["current"]
    if len(cells) != len(reference) or len(cells) != len(current):
        return
    moved = max(range(len(cells)), key=lambda place: abs(current[place] - reference[place]))
    what = of_slice or "the prediction"
    pairs = zip(cells, reference, current, strict=True)
    found = [bar for cell, then, now in pairs for bar in (Bar(f"{cell} then", then), Bar(f"{cell} now", now))]
    yield Picture(
        title=f"Distribution of {what}",
        sentence=f"Of {what}, {cells[moved]} moved most: from {reference[moved]:.1%} of the rows to {current[moved]:.1%}.",
        svg=bars(f"Distribution of {what}", Axis("share of rows", 0.0, max(*reference, *current, 0.01)), found),
        headings=(what, "reference", "current"),
        rows=[(cell, f"{then:.3f}", f"{now:.3f}") for cell, then, now in zip(cells, reference, current, strict=True)],
    )


def _scores(value: Any) -> Picture:
    """A line for each class, through the shares of its rows by score."""
    edges = [float(edge) for edge in value["edges"]]
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    shares = {str(one["name"]): [count / max(sum(one["counts"]), 1) for count in one["counts"]] for one in value["of"]}
    series = [Series(name, list(zip(middles, of_class, strict=True))) for name, of_class in shares.items()]
    peaks = ", ".join(f"{name} at {number(middles[of_class.index(max(of_class))])}" for name, of_class in shares.items())
    most = max(max(of_class) for of_class in shares.values())
    return Picture(
        title="Distribution of scores",
        sentence=f"The most frequent scores are {peaks}.",
        svg=lines("Distribution of scores", Axis("score", edges[0], edges[-1]), Axis("share of the class", 0.0, most or 1.0), series),
        headings=("score", *shares),
        rows=[(number(middle), *(f"{of_class[place]:.3f}" for of_class in shares.values())) for place, middle in enumerate(middles)],
    )


def _thinned(curve: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """About twenty points of a curve, for a table."""
    step = max(1, len(curve) // 20)
    return [*curve[::step], *([curve[-1]] if (len(curve) - 1) % step else [])]


def _interval(ci: Sequence[float] | None) -> str:
    return f"{ci[0]:.4g} to {ci[1]:.4g}" if ci else ""


DRAWN: Mapping[str, Callable[[Any, str | None], Iterator[Picture]]] = {
    "roc": _roc,
    "precision_recall": _precision_recall,
    "calibration": _reliability,
    "curve": _reliability,
    "curves": _curves_by_class,
    "matrix": _confusion,
    "histogram": _histogram,
}
