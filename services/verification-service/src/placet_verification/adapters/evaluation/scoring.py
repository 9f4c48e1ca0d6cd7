"""A model's predictions held against the truth: decisions, losses, and metrics as functions of how often each row counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation import rows
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.adapters.evaluation.statistics import intervals
from placet_verification.adapters.evaluation.tallies import TALLY_METRICS, Tally, f1_each, resampled, tally

__all__ = ["DEFAULT_METRICS", "Scoring", "guard_of"]

Floats = NDArray[np.float64]
_SUM_TOLERANCE = 1e-3

DEFAULT_METRICS: Mapping[str, str] = {"binary": "roc_auc", "multiclass": "balanced_accuracy", "regression": "rmse"}
"""The metric of checks that are not told one, by the plan's task."""


@dataclass(frozen=True)
class Scoring:
    """`plan` is the document; labels and predictions are of the same rows. `check` names a metric and its own parameters."""

    plan: Mapping[str, Any]
    labels: NDArray[Any]
    predictions: Predictions

    @cached_property
    def classes(self) -> int:
        return len(self.plan["prediction"]["classes"])

    @cached_property
    def positive(self) -> int:
        return int(self.plan["prediction"]["classes"].index(self.plan["prediction"]["positive"]))

    @cached_property
    def is_positive(self) -> NDArray[np.bool_]:
        return np.asarray(self.labels == self.positive)

    @cached_property
    def decided(self) -> NDArray[np.int64]:
        """Class numbers: the model's own decision, or the plan's threshold (the highest score for several classes)."""
        if self.predictions.labels is not None:
            return self.predictions.labels
        if self.plan["task"] == "multiclass":
            return np.asarray(self.predictions.scores.argmax(axis=1))
        high = self.predictions.scores >= self.plan["prediction"]["threshold"]
        return np.where(high, self.positive, 1 - self.positive)

    @cached_property
    def errors(self) -> Floats:
        return np.asarray(self.predictions.scores - self.labels)

    @cached_property
    def probabilities(self) -> Floats:
        """[rows, classes], for every task."""
        scores = self.predictions.scores
        if self.plan["task"] == "multiclass":
            return scores
        ordered = [1 - scores, scores] if self.positive == 1 else [scores, 1 - scores]
        return np.stack(ordered, axis=1)

    @cached_property
    def are_probabilities(self) -> bool:
        inside = bool(((self.probabilities >= 0) & (self.probabilities <= 1)).all())
        return inside and bool((abs(self.probabilities.sum(axis=1) - 1) <= _SUM_TOLERANCE).all())

    @cached_property
    def counts(self) -> dict[str, Any]:
        classified = self.plan["task"] != "regression"
        return {
            "n": len(self.labels),
            "n_positive": int(self.is_positive.sum()) if self.plan["task"] == "binary" else None,
            "smallest_class": int(np.bincount(self.labels, minlength=self.classes).min()) if classified else None,
        }

    @cached_property
    def tallied(self) -> Tally:
        return tally(self.labels, self.decided, self.classes)

    @cached_property
    def tallied_again(self) -> Tally:
        return resampled(self.labels, self.decided, self.classes, intervals.RESAMPLES, self.plan["seed"])

    def losses(self, check: Mapping[str, Any]) -> Floats | None:
        """One loss a row, for the metrics that are its mean."""
        match check["metric"]:
            case "log_loss" if self.are_probabilities:
                normed = self.probabilities / self.probabilities.sum(axis=1, keepdims=True)
                return rows.log_losses(self.labels, normed)
            case "brier" if self.are_probabilities:
                return np.asarray((self.predictions.scores - self.is_positive) ** 2)
            case "mae":
                return np.asarray(abs(self.errors))
            case "mape" if float(abs(self.labels).min()) >= guard_of(check):
                return np.asarray(abs(self.errors / self.labels))
        return None

    def row_metric(self, check: Mapping[str, Any]) -> rows.RowMetric | None:
        """The metric as a function of weights; None when counts are enough for it, or it is not defined here."""
        if (losses := self.losses(check)) is not None:
            return rows.row_mean(losses)
        match check["metric"]:
            case "roc_auc":
                return rows.roc_auc(self.is_positive, self.predictions.scores)
            case "average_precision":
                return rows.average_precision(self.is_positive, self.predictions.scores)
            case "rmse":
                return rows.rmse(self.errors)
            case "r2":
                return rows.r2(self.labels, self.errors)
        return None

    def metric(self, check: Mapping[str, Any]) -> rows.RowMetric | None:
        """Any metric as a function of weights, those of decisions too; None where it is not defined here."""
        if (by_row := self.row_metric(check)) is not None:
            return by_row
        match check["metric"]:
            case "log_loss" | "brier" | "mape":
                return None
            case "top_k_accuracy":
                return rows.row_mean(self.within_top(check["k"]).astype(np.float64))
            case name:
                return self._of_decisions(name)

    def within_top(self, k: int) -> NDArray[np.bool_]:
        """Whether the true class has one of the k highest scores; of equal scores the later class counts as higher, as in scikit-learn."""
        best = np.argsort(self.predictions.scores, axis=1, kind="stable")[:, ::-1][:, :k]
        return np.asarray((best == self.labels[:, None]).any(axis=1))

    def _of_decisions(self, name: str) -> rows.RowMetric:
        right = self.labels == self.decided

        def metric(weights: Floats) -> float:
            counts = (
                np.bincount(of, part, self.classes)
                for of, part in ((self.labels, weights * right), (self.labels, weights), (self.decided, weights))
            )
            counted = Tally(*(np.asarray(part, dtype=np.float64) for part in counts))
            return float(f1_each(counted)[self.positive] if name == "f1" else TALLY_METRICS[name](counted))

        return metric


def guard_of(check: Mapping[str, Any]) -> float:
    """Of mape: the least absolute label."""
    return float(check.get("guard") or 1e-9)
