"""Measures `better_than_dummy`: the difference of a metric to the best model that has learnt nothing, on the same rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.chosen import part_of
from placet_verification.adapters.evaluation.comparison import SAMPLE, with_metric
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.statistics.dummy import Dummy, best_dummy, mean_dummy
from placet_verification.adapters.evaluation.statistics.intervals import RESAMPLES
from placet_verification.adapters.evaluation.statistics.paired import Difference, bootstrap_of_rows
from placet_verification.adapters.evaluation.statistics.probing import sampled

__all__ = ["measure"]


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """What the dummies know is the shares, or the mean, of these same rows."""
    scoring = part_of(inputs.scoring, sampled(len(inputs.data), SAMPLE, inputs.plan["seed"]))
    return {check["id"]: {**inputs.scoring.counts, **_compared(with_metric(check, inputs.plan), scoring)} for check in checks}


def _compared(check: Mapping[str, Any], scoring: Scoring) -> dict[str, Any]:
    seed = scoring.plan["seed"]
    dummy = _dummy(check, scoring)
    found = _difference(check, scoring, dummy, seed)
    strategy = dummy.strategy if dummy else None
    return {
        "metric": check["metric"],
        "dummy": found and found.champion,
        "model": found and found.challenger,
        "ci": found and found.ci,
        "seed": seed,
        "parameters": {"rows": len(scoring.labels), "resamples": RESAMPLES, "strategy": strategy},
    }


def _dummy(check: Mapping[str, Any], scoring: Scoring) -> Dummy | None:
    if scoring.plan["task"] == "regression":
        return mean_dummy(check["metric"], scoring.labels)
    positive = scoring.positive if scoring.plan["task"] == "binary" else 0
    return best_dummy(check["metric"], scoring.labels, scoring.classes, positive, check["k"] or 1)


def _difference(check: Mapping[str, Any], scoring: Scoring, dummy: Dummy | None, seed: int) -> Difference | None:
    metric = scoring.metric(check)
    if dummy is None or metric is None:
        return None
    return bootstrap_of_rows(dummy.metric, metric, np.ones(len(scoring.labels), dtype=np.int64), seed)
