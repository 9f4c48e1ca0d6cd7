"""Measures `drift`: how far the evaluation data lie from the reference, by column, by prediction, and all at once."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.probing import SAMPLE
from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.statistics import drift
from placet_verification.adapters.evaluation.statistics.arrays import as_codes
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric, quantiles
from placet_verification.adapters.evaluation.statistics.probing import sampled, taken
from placet_verification.adapters.evaluation.statistics.two_sample_classifier import separation

__all__ = ["measure"]

Column = NDArray[Any]
LISTED = 20
"""Categories in a histogram; the others are counted together."""
ONE_HOT = 20
"""The most frequent categories of a column, each of which is a column to the classifier."""
PREDICTION = "prediction"


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """By check, on at most 20,000 rows of each."""
    seed = inputs.plan["seed"]
    rows = [sampled(len(data), SAMPLE, seed) for data in (inputs.reference, inputs.data)]
    reference, current = (
        taken(data.columns(inputs.plan), numbers) for data, numbers in zip((inputs.reference, inputs.data), rows, strict=True)
    )
    predictions = _predictions(inputs, *rows) if any(check["prediction"] for check in checks) else None
    found = {}
    for check in checks:
        names = list(check["columns"] or reference)
        columns = [_of_column(name, reference[name], current[name]) for name in names]
        if check["prediction"] and predictions is not None:
            columns.append(_of_column(PREDICTION, *predictions))
        found[check["id"]] = {
            "n": len(rows[1]),
            "n_reference": len(rows[0]),
            "seed": seed,
            "parameters": {"rows": len(rows[1]), "of": len(inputs.data), "reference": {"rows": len(rows[0]), "of": len(inputs.reference)}},
            "columns": columns,
            "classifier": _classifier(names, reference, current, seed) if check["classifier"] else None,
        }
    return found


def _predictions(inputs: Inputs, of_reference: NDArray[np.int64], of_data: NDArray[np.int64]) -> tuple[Column, Column]:
    sample = inputs.reference.taken(of_reference)
    before = inputs.scored(sample, inputs.predict(sample))
    return _predicted(inputs, before), _predicted(inputs, inputs.scoring)[of_data]


def _predicted(inputs: Inputs, scoring: Scoring) -> Column:
    """Scores; of several classes the one that is decided for."""
    if inputs.plan["task"] != "multiclass":
        return scoring.predictions.scores
    return np.array(inputs.plan["prediction"]["classes"])[scoring.decided]


def _of_column(name: str, reference: Column, current: Column) -> dict[str, Any]:
    sizes = 1 / len(reference) + 1 / len(current)
    if not is_numeric(reference):
        before, after = reference.astype(str), current.astype(str)
        cells = len(np.unique(np.concatenate([before, after])))
        compared: dict[str, Any] = {"psi": drift.psi_of_categories(before, after), "jensen_shannon": drift.jensen_shannon(before, after)}
        return {"name": name, "by_chance": (cells - 1) * sizes, **compared, "histogram": _of_categories(before, after)}
    before, after = reference.astype(np.float64), current.astype(np.float64)
    return {
        "name": name,
        # the mean of PSI between samples of one distribution is that of a chi-squared
        "by_chance": (drift.BINS - 1) * sizes,
        "psi": drift.psi(before, after),
        "kolmogorov_smirnov": drift.kolmogorov_smirnov(before, after),
        "wasserstein": drift.wasserstein(before, after),
        "histogram": _of_numbers(before, after),
    }


def _of_categories(reference: Column, current: Column) -> dict[str, Any]:
    """Shares of the most frequent categories of both."""
    values, codes = as_codes(np.concatenate([reference, current]))
    chosen = np.sort(np.argsort(-np.bincount(codes, minlength=len(values)), kind="stable")[:LISTED])
    parts = codes[: len(reference)], codes[len(reference) :]
    shares = [(np.bincount(part, minlength=len(values)) / len(part))[chosen] for part in parts]
    names = [str(value)[:100] for value in values[chosen]]
    return {"categories": names, "reference": shares[0].tolist(), "current": shares[1].tolist(), "others": len(values) - len(chosen)}


def _of_numbers(reference: Column, current: Column) -> dict[str, Any]:
    """Shares between the reference's deciles, and of missing values."""
    edges = np.unique(quantiles(reference, drift.BINS))
    shares, missing = [], []
    for column in (reference, current):
        known = column[~np.isnan(column)]
        cells = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
        shares.append((cells / len(column)).tolist())
        missing.append(1 - len(known) / len(column))
    return {"edges": edges.tolist(), "reference": shares[0], "current": shares[1], "missing": missing}


def _classifier(names: Sequence[str], reference: Mapping[str, Column], current: Mapping[str, Column], seed: int) -> dict[str, Any] | None:
    """Numbers as they are, categories as columns of 0 and 1."""
    pairs = [_numbers(reference[name], current[name]) for name in names]
    before, after = (np.column_stack([pair[place] for pair in pairs]) for place in (0, 1))
    found = separation(before, after, seed)
    if found is None:
        return None
    parameters = {"accuracy": found.accuracy, "accuracy_ci": found.accuracy_ci, "p": found.p, "rows_of_each": found.n}
    return {"auc": found.auc, "ci": found.auc_ci, "n": 2 * found.n, "parameters": parameters}


def _numbers(reference: Column, current: Column) -> tuple[Column, Column]:
    if is_numeric(reference):
        return reference.astype(np.float64)[:, None], current.astype(np.float64)[:, None]
    before, after = reference.astype(str), current.astype(str)
    values, counts = np.unique(np.concatenate([before, after]), return_counts=True)
    frequent = values[np.argsort(-counts, kind="stable")[:ONE_HOT]]
    return (before[:, None] == frequent).astype(np.float64), (after[:, None] == frequent).astype(np.float64)
