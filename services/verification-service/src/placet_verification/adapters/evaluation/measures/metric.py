"""Measures `metric`: the value with its interval, from labels and predictions, and how both were found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation import rows
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.adapters.evaluation.statistics import intervals
from placet_verification.adapters.evaluation.statistics.delong import delong
from placet_verification.adapters.evaluation.statistics.proportions import wilson
from placet_verification.adapters.evaluation.tallies import TALLY_METRICS, Tally, f1_each, resampled, tally

__all__ = ["measure"]

Floats = NDArray[np.float64]
_BOOTSTRAP = {"confidence": intervals.CONFIDENCE, "resamples": intervals.RESAMPLES}
_CLOSED = {"confidence": intervals.CONFIDENCE}
_SUM_TOLERANCE = 1e-3


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """All metrics of a plan together: they share the resampled rows."""
    labels = inputs.data.labels
    trial = _Trial(inputs.plan, labels, inputs.predictions)
    by_row = {check["id"]: metric for check in checks if (metric := trial.row_metric(check))}
    few = len(labels) <= intervals.ROWS_FOR_BOOTSTRAP
    row_intervals = intervals.bootstrapped(by_row, len(labels), inputs.plan["seed"]) if few and by_row else {}
    found = {}
    for check in checks:
        facts = _row_facts(trial, check, by_row[check["id"]], row_intervals) if check["id"] in by_row else trial.counted(check)
        found[check["id"]] = {**trial.counts, "reason_code": None, "seed": None, "parameters": {}, **facts}
    return found


@dataclass(frozen=True)
class _Trial:
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
            case "mape" if float(abs(self.labels).min()) >= _guard(check):
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

    def counted(self, check: Mapping[str, Any]) -> dict[str, Any]:
        """Value and interval of a metric of decisions; the reason for one that is not defined."""
        match check["metric"]:
            case "log_loss" | "brier":
                return _undefined("not_probabilities")
            case "mape":
                return _undefined("label_near_zero", guard=_guard(check))
            case "top_k_accuracy":
                return self._top_k(check["k"])
            case "accuracy":
                hits = float(self.tallied.right.sum())
                return _known(hits / len(self.labels), wilson(hits, len(self.labels)), "wilson", **_CLOSED)
            case "f1":
                value, again = (f1_each(counts)[..., self.positive] for counts in (self.tallied, self.tallied_again))
            case name:
                value, again = (TALLY_METRICS[name](counts) for counts in (self.tallied, self.tallied_again))
        facts = _known(float(value), intervals.percentiles(again), "percentile_bootstrap_of_counts", **_BOOTSTRAP)
        return facts | {"seed": self.plan["seed"]}

    def _top_k(self, k: int) -> dict[str, Any]:
        # of equal scores the later class counts as higher, as in scikit-learn
        best = np.argsort(self.predictions.scores, axis=1, kind="stable")[:, ::-1][:, :k]
        hits = int((best == self.labels[:, None]).any(axis=1).sum())
        return _known(hits / len(self.labels), wilson(hits, len(self.labels)), "wilson", **_CLOSED, k=k)


def _row_facts(
    trial: _Trial, check: Mapping[str, Any], metric: rows.RowMetric, found: Mapping[str, intervals.Interval | None]
) -> dict[str, Any]:
    value = metric(np.ones(len(trial.labels)))
    if np.isnan(value):
        return _undefined("single_class" if trial.plan["task"] == "binary" else "constant_labels")
    guard = {"guard": _guard(check)} if check["metric"] == "mape" else {}
    if check["id"] in found:
        return _known(value, found[check["id"]], "percentile_bootstrap", **_BOOTSTRAP, **guard) | {"seed": trial.plan["seed"]}
    ci, method = _closed_form(trial, check)
    return _known(value, ci, method, **_CLOSED, **guard)


def _closed_form(trial: _Trial, check: Mapping[str, Any]) -> tuple[intervals.Interval | None, str]:
    """Above 50,000 rows."""
    if (losses := trial.losses(check)) is not None:
        return intervals.normal(losses), "normal"
    if check["metric"] == "roc_auc":
        return delong(trial.is_positive, trial.predictions.scores), "delong"
    if check["metric"] == "rmse":
        low, high = intervals.normal(trial.errors**2)
        return (float(np.sqrt(max(0.0, low))), float(np.sqrt(high))), "normal_of_squares"
    return None, "no_interval_above_50000_rows"


def _guard(check: Mapping[str, Any]) -> float:
    return float(check["guard"] or 1e-9)


def _known(value: float, ci: intervals.Interval | None, method: str, **parameters: Any) -> dict[str, Any]:
    return {"value": value, "ci": ci, "method": method, "parameters": parameters}


def _undefined(reason_code: str, **parameters: Any) -> dict[str, Any]:
    return {"value": None, "ci": None, "method": "none", "parameters": parameters, "reason_code": reason_code}
