"""The metrics a plan may ask for: for which task, and what each needs from the model."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["METRICS", "Metric", "Task"]

Task = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True, slots=True)
class Metric:
    """`better` is the direction of a good model; a threshold with the other comparator is a mistake."""

    name: str
    tasks: tuple[Task, ...]
    better: Literal["higher", "lower"]


_BINARY: tuple[Task, ...] = ("binary",)
_CLASSES: tuple[Task, ...] = ("binary", "multiclass")
_MULTICLASS: tuple[Task, ...] = ("multiclass",)
_REGRESSION: tuple[Task, ...] = ("regression",)

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            Metric("roc_auc", _BINARY, "higher"),
            Metric("average_precision", _BINARY, "higher"),
            Metric("brier", _BINARY, "lower"),
            Metric("f1", _BINARY, "higher"),
            Metric("log_loss", _CLASSES, "lower"),
            Metric("accuracy", _CLASSES, "higher"),
            Metric("balanced_accuracy", _CLASSES, "higher"),
            Metric("mcc", _CLASSES, "higher"),
            Metric("f1_macro", _MULTICLASS, "higher"),
            Metric("f1_weighted", _MULTICLASS, "higher"),
            Metric("top_k_accuracy", _MULTICLASS, "higher"),
            Metric("mae", _REGRESSION, "lower"),
            Metric("rmse", _REGRESSION, "lower"),
            Metric("r2", _REGRESSION, "higher"),
            Metric("mape", _REGRESSION, "lower"),
        )
    }
)
