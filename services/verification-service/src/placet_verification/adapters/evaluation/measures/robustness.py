"""Measures `robustness`: decisions and the metric on corrupted data beside those on the data as they are.

Missing values are made only where the plan lets them reach the model: in texts, and in floats when an empty cell is NaN.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.adapters.evaluation.probing import changes, deviation, failure_on_probes, sample_for, taken_predictions
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.rows import RowMetric
from placet_verification.adapters.evaluation.scoring import DEFAULT_METRICS, Scoring
from placet_verification.adapters.evaluation.statistics.corruptions import CORRUPTIONS, population_shift
from placet_verification.adapters.evaluation.statistics.cuts import cut_columns, is_numeric
from placet_verification.adapters.evaluation.statistics.intervals import percentiles
from placet_verification.adapters.evaluation.statistics.paired import bootstrap_of_rows
from placet_verification.adapters.evaluation.statistics.resilience import critical_samples, resilience

__all__ = ["measure"]

Bools = NDArray[np.bool_]
RESAMPLES = 500
"""Of rows, for each corruption: half a second for 20,000 rows."""
DRAWS = 100
"""Populations drawn for a shift."""
DISTINCT = 20
"""A numeric column with more values is cut at its quintiles."""
MOST_GROUPS = 50
_HIGHER = frozenset({"roc_auc", "average_precision", "f1", "accuracy", "balanced_accuracy", "mcc", "f1_macro", "f1_weighted", "r2"})
_RELATIVE = frozenset({"mae", "rmse"})


@dataclass(frozen=True, slots=True)
class _Sample:
    """At most 20,000 rows, their numbers in the data, and what the model says of them."""

    inputs: Inputs
    check: Mapping[str, Any]
    rows: NDArray[np.int64]
    data: Dataset
    before: Predictions
    scoring: Scoring
    groups: Mapping[str, Bools]

    @property
    def seed(self) -> int:
        return int(self.inputs.plan["seed"])

    @property
    def metric(self) -> str:
        return str(self.check["metric"] or DEFAULT_METRICS[self.inputs.plan["task"]])

    def metric_of(self, scoring: Scoring) -> RowMetric | None:
        return scoring.metric({"metric": self.metric})

    def value(self, metric: RowMetric | None) -> float | None:
        return _defined(metric(np.ones(len(self.data)))) if metric else None

    def drop(self, before: float, after: float) -> float:
        """A loss of quality is positive, whichever way the metric points."""
        lost = before - after if self.metric in _HIGHER else after - before
        return lost / before if self.metric in _RELATIVE and before else lost


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """By check: what each corruption changes, and the rows whose decision the most of them flip."""
    return {check["id"]: _measured(check, inputs) for check in checks}


def _measured(check: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    sample = _sample(check, inputs)
    whole = sample.value(sample.metric_of(sample.scoring))
    flipped: list[Bools] = []
    found = {name: _of_corruption(sample, name, whole, flipped) for name in check["corruptions"]}
    critical = critical_samples(np.zeros(len(sample.data), dtype=np.bool_), flipped)
    regression = inputs.plan["task"] == "regression"
    return {
        "n": len(sample.data),
        "n_positive": sample.scoring.counts["n_positive"],
        "seed": sample.seed,
        "metric": sample.metric,
        "relative": sample.metric in _RELATIVE,
        "before": whole,
        "corruptions": found,
        "critical": [{"row": int(sample.rows[one.row]) + 1, "flips": one.flips} for one in critical],
        "corrupted": len(flipped),
        "parameters": {"rows": len(sample.data), "of": len(inputs.data), **({"tolerance": check["tolerance"]} if regression else {})},
    }


def _sample(check: Mapping[str, Any], inputs: Inputs) -> _Sample:
    # plans from before there were typos keep the rows that they had
    rows = sample_for(inputs, len(CORRUPTIONS.keys() - ({"typos"} - set(check["corruptions"]))))
    data = inputs.data.taken(rows)
    before = taken_predictions(inputs, rows)
    groups = _groups(data, inputs.plan, check["group"]) if check["group"] is not None else {}
    return _Sample(inputs, check, rows, data, before, inputs.scored(data, before), groups)


def _groups(data: Dataset, plan: Mapping[str, Any], name: str) -> dict[str, Bools]:
    """The rows of each group, by its name; the largest groups first."""
    column = {**data.further, **data.columns(plan)}[name]
    if is_numeric(column) and len(np.unique(column)) > DISTINCT:
        [cut] = cut_columns({name: column}, {name: column}, 5)
        found = {str(part): cut.codes == number for number, part in enumerate(cut.parts)}
    else:
        text = column.astype(str)
        found = {f"{name} = {value}": np.asarray(text == value) for value in np.unique(text)}
    some = sorted(((part, rows) for part, rows in found.items() if rows.any()), key=lambda one: -int(one[1].sum()))
    return dict(some[:MOST_GROUPS])


def _of_corruption(sample: _Sample, name: str, whole: float | None, flipped: list[Bools]) -> dict[str, Any]:
    facts: dict[str, Any] = {"reason_code": None, "failure": None, "resilience": None, "groups": [], "drops": []}
    if name in ("prior_shift", "subgroup_shift"):
        return facts | _of_shift(sample, name, whole)
    columns = _affected(sample, name)
    if not columns:
        return facts | {"reason_code": "no_column_to_corrupt"}
    try:
        changed = sample.data.changed(sample.inputs.plan, CORRUPTIONS[name](columns, sample.seed))
        after = sample.inputs.predict(changed)
    except Refused as refused:
        return facts | {"failure": failure_on_probes(refused)}
    moved = changes(sample.inputs, sample.before, after, sample.check["tolerance"] * deviation(sample.inputs))
    flipped.append(moved)
    groups = [{"name": group, **_resilience(~moved[rows])} for group, rows in sample.groups.items()]
    return facts | {"resilience": _resilience(~moved), "groups": groups, "drops": [_drop(sample, after)]}


def _affected(sample: _Sample, name: str) -> dict[str, NDArray[Any]]:
    """The columns that a corruption can change."""
    plan = sample.inputs.plan
    found = sample.data.columns(plan)
    types = {column: part["type"] for part in reversed(plan["inputs"]) for column in part["columns"]}
    empty = {"string"} if plan["dataset"]["empty"] == "refuse" else {"string", "float32", "float64"}
    if name == "missing":
        return {column: values for column, values in found.items() if types[column] in empty}
    if name == "typos":
        return {column: values for column, values in found.items() if types[column] == "string"}
    numbers = name != "category_swap"
    return {column: values for column, values in found.items() if is_numeric(values) == numbers}


def _resilience(stays: Bools) -> dict[str, Any]:
    found = resilience(stays)
    assert found is not None  # a data set has rows, and so has a group
    return {"value": found.value, "ci": found.ci, "n": found.n}


def _drop(sample: _Sample, after: Predictions) -> dict[str, Any]:
    """By a paired bootstrap of rows."""
    old, new = (sample.metric_of(scoring) for scoring in (sample.scoring, sample.inputs.scored(sample.data, after)))
    found = bootstrap_of_rows(old, new, np.ones(len(sample.data), dtype=np.int64), sample.seed, RESAMPLES) if old and new else None
    facts = {"value": None, "after": None, "ci": None, "method": "paired_percentile_bootstrap", "group": None, "n": len(sample.data)}
    if found is None:
        return facts
    ends = None if found.ci is None else sorted(sample.drop(found.champion, found.champion + end) for end in found.ci)
    return facts | {"value": sample.drop(found.champion, found.challenger), "after": found.challenger, "ci": ends}


def _of_shift(sample: _Sample, name: str, whole: float | None) -> dict[str, Any]:
    """The metric where rows of one kind come more or less often; the model is not run again."""
    if name == "subgroup_shift":
        if not sample.groups:
            return {"reason_code": "no_group_named"}
        share = sample.check["subgroup_share"]
        drops = [_shifted(sample, members, share, whole, group) for group, members in sample.groups.items()]
    else:
        members = _prior_members(sample)
        drops = [_shifted(sample, members, sample.check["prior"] or float(members.mean()) / 2, whole, None)]
    known = [drop for drop in drops if drop is not None]
    return {"drops": known} if known else {"reason_code": "nothing_to_shift"}


def _prior_members(sample: _Sample) -> Bools:
    match sample.inputs.plan["task"]:
        case "binary":
            return sample.scoring.is_positive
        case "multiclass":
            return np.asarray(sample.data.labels == np.bincount(sample.data.labels).argmax())
    return np.asarray(sample.data.labels > np.median(sample.data.labels))


def _shifted(sample: _Sample, members: Bools, share: float, whole: float | None, group: str | None) -> dict[str, Any] | None:
    """The mean over drawn populations, and the middle 95 % of them; None where all rows are alike."""
    metric = sample.metric_of(sample.scoring)
    inside = int(members.sum())
    if not 0 < inside < len(members):
        return None
    facts = {"value": None, "after": None, "ci": None, "method": "resampled_populations", "group": group, "n": inside}
    if metric is None or whole is None:
        return facts
    draws = (population_shift(members, sample.seed + number, share) for number in range(DRAWS))
    values = np.array([metric(weights) for weights in draws if weights is not None])
    known = values[~np.isnan(values)]
    if not len(known):
        return facts
    after = float(known.mean())
    ci = percentiles(np.array([sample.drop(whole, float(value)) for value in values]))
    return facts | {"value": sample.drop(whole, after), "after": after, "ci": ci}


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else value
