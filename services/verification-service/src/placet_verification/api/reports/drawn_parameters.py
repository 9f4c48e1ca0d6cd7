"""The pictures of what checks keep beside their values, by the names of parameters; kinds of other distributions use the names too."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from placet_verification.api.reports.drawings import columns, curves, distributions
from placet_verification.api.reports.picture import Picture, Record

__all__ = ["drawn", "fitting"]

DRAWN: Mapping[str, Callable[[Any, Record], Iterator[Picture]]] = {
    "roc": curves.roc,
    "precision_recall": curves.precision_recall,
    "calibration": curves.calibration,
    "curve": curves.calibration,
    "curves": curves.curves_by_class,
    "truth_by_prediction": curves.truth_by_prediction,
    "matrix": distributions.confusion,
    "histogram": distributions.histogram,
    "predicted_and_true": distributions.predicted_and_true,
    "residuals": distributions.residuals,
    "scores": distributions.scores,
    "agreement": distributions.agreement,
    "mean": columns.dependence,
    "contributions": columns.contributions,
    "rows": columns.critical_rows,
}


def drawn(record: Record) -> Iterator[Picture]:
    """Everything in a record's parameters that can be drawn; what is not in the expected form is left out."""
    parameters = record.get("parameters") or {}
    for name, draw in DRAWN.items():
        if parameters.get(name):
            yield from fitting(draw, parameters[name], record)


def fitting(draw: Callable[..., Iterable[Picture]], *of: Any) -> list[Picture]:
    """The pictures, or none where what is to be drawn is in another form: a kind of another distribution may use the name otherwise."""
    try:
        return list(draw(*of))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return []
