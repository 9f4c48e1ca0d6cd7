"""How often what occurs: confusion, scores, drift, residuals, and two numbers together."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from placet_verification.api.reports.drawings.curves import NAMES
from placet_verification.api.reports.picture import Picture, Record, named, number
from placet_verification.api.reports.svg import Axis, Pair, Series, grid, lines, matrix, pairs

__all__ = ["agreement", "confusion", "histogram", "predicted_and_true", "residuals", "scores"]

MOST_CLASSES = 20
"""Of a matrix that is drawn; of more there is the table."""
MOST_CELLS = 30
"""Of a distribution that is drawn."""
MOST_TOGETHER = 20
"""Cells in the table of two numbers, those with most rows."""


def confusion(value: Any, record: Record) -> Iterator[Picture]:
    """With the most frequent mistake."""
    names, counts = [str(name) for name in value["classes"]], value["counts"]
    right = sum(counts[place][place] for place in range(len(names)))
    total = sum(sum(line) for line in counts)
    wrong = [(counts[a][b], names[a], names[b]) for a in range(len(names)) for b in range(len(names)) if a != b and counts[a][b]]
    most = max(wrong, key=lambda one: one[0], default=None)
    taken = f" The most frequent mistake: {most[0]} rows of {named(most[1])} taken for {named(most[2])}." if most else ""
    yield Picture(
        title="Confusion matrix",
        sentence=f"{right} of {total} rows are on the diagonal: predicted as what they are.{taken}",
        svg=matrix("Confusion matrix", "true class", "predicted class", names, counts) if len(names) <= MOST_CLASSES else "",
        headings=("true class", *(f"predicted {name}" for name in names)),
        rows=[(name, *(str(count) for count in line)) for name, line in zip(names, counts, strict=True)],
    )
    if len(names) > 2 and total:
        yield _by_class(names, counts)


def _by_class(names: Sequence[str], counts: Sequence[Sequence[int]]) -> Picture:
    """How many rows of each class are found, and how many that are taken for it are of it."""
    true, taken = [sum(line) for line in counts], [sum(line[place] for line in counts) for place in range(len(names))]
    right = [counts[place][place] for place in range(len(names))]
    shown = [
        Pair(name, right[place] / max(true[place], 1), right[place] / max(taken[place], 1))
        for place, name in enumerate(names)
        if true[place] or taken[place]
    ]
    worst = min(shown, key=lambda pair: pair.first)
    return Picture(
        title="Recall and precision by class",
        sentence=f"Fewest are found of {named(worst.name)}: {worst.first:.1%} of its rows; {worst.second:.1%} of what is taken for it is "
        "right.",
        svg=pairs("Recall and precision by class", Axis("share of rows"), ("recall", "precision"), shown[:MOST_CELLS]),
        headings=("class", "recall", "precision", "rows", "taken for it"),
        rows=[
            (
                name,
                f"{right[place] / max(true[place], 1):.3f}",
                f"{right[place] / max(taken[place], 1):.3f}",
                str(true[place]),
                str(taken[place]),
            )
            for place, name in enumerate(names)
        ],
    )


def histogram(value: Any, record: Record) -> Iterator[Picture]:
    """Scores by class, or shares of the reference and of today, by category or between edges."""
    if "of" in value:
        yield from scores(value, record)
        return
    cells = _cells(value)
    reference, current = [*value["reference"]], [*value["current"]]
    if "missing" in value and any(value["missing"]):
        cells, reference, current = [*cells, "missing"], [*reference, value["missing"][0]], [*current, value["missing"][1]]
    if len(cells) != len(reference) or len(cells) != len(current):
        return
    moved = max(range(len(cells)), key=lambda place: abs(current[place] - reference[place]))
    what = record.get("slice") or "the prediction"
    shown = [Pair(cell, then, now) for cell, then, now in zip(cells, reference, current, strict=True)]
    psi = f" PSI {number(record.get('value'))}." if record.get("metric") == "psi" and record.get("value") is not None else ""
    moves = f"from {reference[moved]:.1%} of the rows to {current[moved]:.1%}"
    yield Picture(
        title=f"Distribution of {named(what)}",
        sentence=f"Of {named(what)}, {named(cells[moved])} moved most: {moves}.{psi}",
        svg=pairs(
            f"Distribution of {named(what)}",
            Axis("share of rows", 0.0, max(*reference, *current, 0.01)),
            ("reference", "current"),
            shown[:MOST_CELLS],
        ),
        headings=(what, "reference", "current"),
        rows=[(pair.name, f"{pair.first:.3f}", f"{pair.second:.3f}") for pair in shown],
    )


def scores(value: Any, record: Record) -> Iterator[Picture]:
    """A line for each class or model, through the shares of its rows by score."""
    title = "Distribution of scores"
    yield from _shares(value, title, "score", "The most frequent scores are {peaks}.")


def residuals(value: Any, record: Record) -> Iterator[Picture]:
    """Of a regression: truth minus prediction."""
    yield from _shares(value, "Distribution of residuals", "truth − prediction", "The most frequent residuals are {peaks}.")


def agreement(value: Any, record: Record) -> Iterator[Picture]:
    """The scores of both models, row by row."""
    inside, total = _near_the_diagonal(value)
    yield _together(
        value,
        "Predictions of both",
        ("deployed version", "this version"),
        f"Of {total} rows, {inside} lie on the dashed line or in the next cell: both predict about the same.",
    )


def predicted_and_true(value: Any, record: Record) -> Iterator[Picture]:
    """Of a regression: prediction and truth, row by row."""
    inside, total = _near_the_diagonal(value)
    yield _together(
        value,
        "Prediction and truth",
        ("truth", "prediction"),
        f"Of {total} rows, {inside} lie on the dashed line or in the next cell: predicted about as they are.",
    )


def _together(value: Mapping[str, Any], title: str, names: tuple[str, str], sentence: str) -> Picture:
    x, y = value["x"], value["y"]
    counted = [
        (f"{number(x[i])} to {number(x[i + 1])}", f"{number(y[j])} to {number(y[j + 1])}", str(count))
        for i, line in enumerate(value["counts"])
        for j, count in enumerate(line)
        if count
    ]
    most = sorted(counted, key=lambda row: -int(row[2]))
    return Picture(
        title=title,
        sentence=sentence,
        svg=grid(title, Axis(names[0], x[0], x[-1]), Axis(names[1], y[0], y[-1]), value["counts"]),
        headings=(*names, "rows"),
        rows=most[:MOST_TOGETHER],
    )


def _near_the_diagonal(value: Mapping[str, Any]) -> tuple[int, int]:
    """Both axes have the same edges."""
    counts = value["counts"]
    inside = sum(count for i, line in enumerate(counts) for j, count in enumerate(line) if abs(i - j) <= 1)
    return inside, sum(sum(line) for line in counts)


def _shares(value: Mapping[str, Any], title: str, what: str, sentence: str) -> Iterator[Picture]:
    edges = [float(edge) for edge in value["edges"]]
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    ordered = sorted(value["of"], key=lambda one: bool(one["name"] == "champion"))  # this version's colour is the same in every picture
    shares = {_name(one): [count / max(sum(one["counts"]), 1) for count in one["counts"]] for one in ordered}
    series = [Series(name, list(zip(middles, of_class, strict=True))) for name, of_class in shares.items()]
    several = len(shares) > 1
    peaks = ", ".join(
        f"{f'{named(name)} at ' if several else 'near '}{number(middles[of_class.index(max(of_class))])}"
        for name, of_class in shares.items()
        if any(of_class)
    )
    most = max(max(of_class) for of_class in shares.values())
    yield Picture(
        title=title,
        sentence=sentence.format(peaks=peaks or "none"),
        svg=lines(title, Axis(what, edges[0], edges[-1]), Axis("share of the rows of each", 0.0, most or 1.0), series),
        headings=(what, *shares),
        rows=[(number(middle), *(f"{of_class[place]:.3f}" for of_class in shares.values())) for place, middle in enumerate(middles)],
    )


def _name(one: Mapping[str, Any]) -> str:
    return NAMES.get(one["name"], str(one["name"]))


def _cells(value: Mapping[str, Any]) -> Sequence[str]:
    if "categories" in value:
        return [str(name) or "(empty)" for name in value["categories"]]
    edges = [number(edge) for edge in value["edges"]]
    if not edges:
        return ["any number"]
    return [f"up to {edges[0]}", *(f"{low} to {high}" for low, high in pairwise(edges)), f"above {edges[-1]}"]
