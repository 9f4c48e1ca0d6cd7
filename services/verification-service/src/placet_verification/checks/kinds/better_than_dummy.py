"""The model has learnt something: the 95 % interval of its difference to the best dummy lies on the good side of zero."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_verification.checks.chosen_metric import ChosenMetric, gain, metric_contradictions, too_few
from placet_verification.checks.kind import CheckKind
from placet_verification.checks.known_metrics import METRICS
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "BetterThanDummyParameters"]


class BetterThanDummyParameters(ChosenMetric):
    """Which metric."""


def judge(wanted: BetterThanDummyParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """FAIL also where the interval covers zero: the model has to show that it is better."""
    status, reason = _verdict(wanted, found)
    metric, dummy, model = found["metric"], found["dummy"], found["model"]
    return [
        Record(
            status=status,
            reason_code=reason,
            metric=f"{metric}_difference",
            value=None if dummy is None else float(model - dummy),
            ci=None if found["ci"] is None else (float(found["ci"][0]), float(found["ci"][1])),
            comparator=">" if METRICS[metric].better == "higher" else "<",
            threshold=0.0,
            baseline_value=dummy,
            n=found["n"],
            n_positive=found["n_positive"],
            method="paired_bootstrap",
            parameters={**found["parameters"], "model": model},
            seed=found["seed"],
        )
    ]


def _verdict(wanted: BetterThanDummyParameters, found: Mapping[str, Any]) -> tuple[Status, str | None]:
    if reason := too_few(wanted, found):
        return "INSUFFICIENT_DATA", reason
    if found["dummy"] is None:
        return "INSUFFICIENT_DATA", "not_defined"
    if found["ci"] is None:
        return "INSUFFICIENT_DATA", "no_interval"
    low, _ = gain(found["metric"], found["ci"])
    return ("PASS", None) if low > 0 else ("FAIL", "not_better_than_dummy")


KIND = CheckKind(
    name="better_than_dummy",
    version=1,
    purpose="On the same rows the model is better than the best of these: always the most frequent class, classes by their shares, always "
    "the mean. The lower end of the paired interval is above zero. No pass of inference of its own; at most 20,000 rows, by the seed.",
    parameters=BetterThanDummyParameters,
    measure="placet_verification.adapters.evaluation.measures.better_than_dummy:measure",
    judge=judge,
    contradictions=metric_contradictions,
)
