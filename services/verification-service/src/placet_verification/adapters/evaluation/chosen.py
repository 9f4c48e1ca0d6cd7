"""What several kinds of checks measure on: the columns that a check names, and samples of many rows."""

from collections.abc import Mapping, Sequence

import numpy as np

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.statistics.arrays import Column, Integers
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric

__all__ = ["MOST_CATEGORIES", "chosen_columns", "part_of", "without_keys"]

MOST_CATEGORIES = 1000
"""A column of texts with more names single rows, and says nothing about groups of them."""


def chosen_columns(inputs: Inputs, names: Sequence[str]) -> dict[str, Column]:
    """The named columns of the evaluation data, or all that the model's inputs take; numbers as float64."""
    data = inputs.data
    taken = data.columns(inputs.plan)
    every = {**data.further, **taken}
    found = {name: every[name] for name in names or taken}
    return {name: column.astype(np.float64) if is_numeric(column) else column for name, column in found.items()}


def without_keys(columns: Mapping[str, Column]) -> tuple[dict[str, Column], list[str]]:
    """The columns whose values are those of many rows, and the names of the others."""
    left_out = [name for name, column in columns.items() if not is_numeric(column) and len(np.unique(column)) > MOST_CATEGORIES]
    return {name: column for name, column in columns.items() if name not in left_out}, left_out


def part_of(scoring: Scoring, rows: Integers) -> Scoring:
    """The same for some of the rows."""
    scores, labels = scoring.predictions.scores[rows], scoring.predictions.labels
    return Scoring(scoring.plan, scoring.labels[rows], Predictions(scores, None if labels is None else labels[rows]))
