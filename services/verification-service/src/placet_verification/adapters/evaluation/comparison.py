"""The difference of a metric between two models on the same rows, with its 95 % interval, by what suits the metric and the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.chosen import part_of
from placet_verification.adapters.evaluation.scoring import DEFAULT_METRICS, Scoring
from placet_verification.adapters.evaluation.statistics.arrays import Floats
from placet_verification.adapters.evaluation.statistics.delong import area_difference
from placet_verification.adapters.evaluation.statistics.intervals import RESAMPLES, ROWS_FOR_BOOTSTRAP
from placet_verification.adapters.evaluation.statistics.paired import (
    Difference,
    bootstrap_of_counts,
    bootstrap_of_rows,
    difference_of_means,
)
from placet_verification.adapters.evaluation.statistics.probing import sampled
from placet_verification.adapters.evaluation.tallies import TALLY_METRICS, Tally, f1_each

__all__ = ["SAMPLE", "Compared", "compare", "with_metric"]

SAMPLE = 20_000
"""Rows that are enough where the model's difference to something very different is asked for."""
CLASSES = 12
"""Up to which rows are counted by their label and both decisions: the counts of all resamples are held at once."""


@dataclass(frozen=True, slots=True)
class Compared:
    """So many `rows` were compared: not all where a bootstrap of them would take minutes. No difference where the metric is not defined."""

    difference: Difference | None
    method: str
    rows: int
    resamples: int | None = RESAMPLES


def with_metric(check: Mapping[str, Any], plan: Mapping[str, Any]) -> Mapping[str, Any]:
    """The check with the metric that it means."""
    return {**check, "metric": check["metric"] or DEFAULT_METRICS[plan["task"]]}


def compare(champion: Scoring, challenger: Scoring, check: Mapping[str, Any]) -> Compared:
    """Challenger − champion, paired: rows are resampled together (Efron & Tibshirani 1993). Above 50,000 rows a closed form or a sample."""
    name, n = check["metric"], len(challenger.labels)
    if (name in TALLY_METRICS or name == "f1") and challenger.classes <= CLASSES:
        return _counted(champion, challenger, name)
    if n > ROWS_FOR_BOOTSTRAP:
        return _closed_form(champion, challenger, check) or _resampled(*_both_sampled(champion, challenger), check)
    return _resampled(champion, challenger, check)


def _both_sampled(champion: Scoring, challenger: Scoring) -> tuple[Scoring, Scoring]:
    rows = sampled(len(challenger.labels), ROWS_FOR_BOOTSTRAP, challenger.plan["seed"])
    return part_of(champion, rows), part_of(challenger, rows)


def _counted(champion: Scoring, challenger: Scoring, name: str) -> Compared:
    def metric(counts: Tally) -> Floats:
        return f1_each(counts)[..., challenger.positive] if name == "f1" else TALLY_METRICS[name](counts)

    decided = champion.decided, challenger.decided
    found = bootstrap_of_counts(metric, challenger.labels, *decided, challenger.classes, challenger.plan["seed"])
    return Compared(found, "paired_bootstrap_of_counts", len(challenger.labels))


def _resampled(champion: Scoring, challenger: Scoring, check: Mapping[str, Any]) -> Compared:
    n = len(challenger.labels)
    old, new = champion.metric(check), challenger.metric(check)
    ones = np.ones(n, dtype=np.int64)
    found = None if old is None or new is None else bootstrap_of_rows(old, new, ones, challenger.plan["seed"])
    return Compared(found, "paired_bootstrap", n)


def _closed_form(champion: Scoring, challenger: Scoring, check: Mapping[str, Any]) -> Compared | None:
    n = len(challenger.labels)
    if check["metric"] == "roc_auc":
        areas = area_difference(challenger.is_positive, champion.predictions.scores, challenger.predictions.scores)
        found = None if areas is None else Difference(areas.champion, areas.challenger, areas.ci)
        return Compared(found, "delong", n, None)
    if check["metric"] == "top_k_accuracy":
        hits = (one.within_top(check["k"]).astype(np.float64) for one in (champion, challenger))
        return Compared(difference_of_means(*hits), "normal_of_paired_differences", n, None)
    old, new = champion.losses(check), challenger.losses(check)
    if old is None or new is None:
        return None
    return Compared(difference_of_means(old, new), "normal_of_paired_differences", n, None)
