"""Groups of people or things are treated alike: no gap between two of them exceeds its threshold and is more than chance.

A gap fails only where it exceeds the threshold, its 95 % interval excludes 0 and it is significant among all pairs of groups, rates and
columns of the check (5 %, after Benjamini & Hochberg); one that exceeds the threshold and may be chance is WARN. Groups that are too small
are listed and decide nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import ColumnName, Name, PlanDocument
from placet_shared.near_names import one_of
from placet_verification.checks.columns import columns_twice, label_among
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.checks.known_metrics import METRICS
from placet_verification.domain.parities import DEFAULT_PARITIES, RATES, Parity
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "SubgroupsParameters"]

Found = Mapping[str, Any]

_ALPHA = 0.05
_NOT_OF_GROUPS = frozenset({"top_k_accuracy"})
_NO_SCALE = frozenset({"log_loss"})


class SubgroupsParameters(Parameters):
    """Which groups, compared by what, and how far they may lie apart."""

    columns: Annotated[
        list[ColumnName],
        Field(
            min_length=1, max_length=5, description="inputs or other columns of the data; numbers of over 20 values are cut at quintiles"
        ),
    ]
    depth: Annotated[int, Field(ge=1, le=3, description="how many columns are crossed, such as sex with age")] = 1
    parities: Annotated[
        list[Parity] | None,
        Field(min_length=1, description=f"of a binary task; left out: {', '.join(DEFAULT_PARITIES)}"),
    ] = None
    difference: Annotated[float, Field(gt=0, le=1, description="the largest difference of a rate")] = 0.10
    ratio: Annotated[float, Field(gt=0, le=1, description="the least ratio of selection rates (the four-fifths rule)")] = 0.80
    metric: Annotated[Name | None, Field(description="of each group; left out: roc_auc, balanced_accuracy or rmse, by the task")] = None
    metric_gap: Annotated[
        float | None, Field(gt=0, description="the largest difference of the metric; a binary task compares it only if this is given")
    ] = None
    minimum_rows: Annotated[int, Field(ge=1, le=10**6, description="of a group that is judged")] = 100
    minimum_positives: Annotated[int, Field(ge=1, le=10**6, description="of a group whose true positive rate is judged")] = 30
    minimum_negatives: Annotated[int, Field(ge=1, le=10**6, description="of a group whose false positive rate is judged")] = 30
    minimum_selected: Annotated[int, Field(ge=1, le=10**6, description="of a group whose precision is judged")] = 30


def judge(wanted: SubgroupsParameters, found: Found) -> Sequence[Record]:
    """For each column and combination: its parities or its metric, then its groups."""
    nothing = all(len(part["groups"]) < 2 and not part["too_many"] for part in found["attributes"])
    records: list[Record] = []
    for part in found["attributes"]:
        records += _compared(wanted, found, part, nothing)
        records += [_group(wanted, found, group) for group in part["groups"]]
    return records


def _compared(wanted: SubgroupsParameters, found: Found, part: Found, nothing: bool) -> list[Record]:
    facts: dict[str, Any] = {"slice": part["name"], "n": found["n"], "n_positive": found["n_positive"]}
    if part["too_many"]:
        return [Record(status="INSUFFICIENT_DATA", reason_code="too_many_groups", parameters={"groups": part["too_many"]}, **facts)]
    if len(part["groups"]) < 2:
        return [Record(status="NOT_APPLICABLE", reason_code="one_group", counts=nothing, **facts)]
    facts["parameters"] = {"groups": part["count"], "listed": len(part["groups"])}
    records = []
    if found["task"] == "binary":
        records = [_parity(wanted, part, name, facts) for name in wanted.parities or DEFAULT_PARITIES]
    if found["task"] != "binary" or wanted.metric_gap is not None:
        records.append(_metric_gap(wanted, found, part, facts))
    return records


def _parity(wanted: SubgroupsParameters, part: Found, parity: Parity, facts: Found) -> Record:
    """The widest gap that fails; else the widest."""
    pairs = [(rate, pair) for rate in RATES[parity] for pair in part["gaps"][rate]]
    by_ratio = parity == "demographic_parity_ratio"
    if by_ratio:
        pairs = [(rate, pair) for rate, pair in pairs if pair["high_value"]]
        valued = [(pair["low_value"] / pair["high_value"], rate, pair) for rate, pair in pairs]
        compared = {"metric": parity, "comparator": ">=", "threshold": wanted.ratio, **facts}
    else:
        valued = [(pair["high_value"] - pair["low_value"], rate, pair) for rate, pair in pairs]
        compared = {"metric": parity, "comparator": "<=", "threshold": wanted.difference, **facts}
    if not valued:
        return Record(status="INSUFFICIENT_DATA", reason_code="too_few_groups_to_judge", counts=False, **compared)
    valued.sort(key=lambda one: one[0] if by_ratio else -one[0])
    beyond = [one for one in valued if (one[0] < wanted.ratio if by_ratio else round(one[0], 9) > wanted.difference)]
    sure = [one for one in beyond if _is_certain(one[2])]
    value, rate, pair = (sure or valued)[0]
    status, reason = _verdict(bool(beyond), bool(sure))
    named = {name: pair[name] for name in ("high", "low", "high_value", "low_value", "p", "p_adjusted")}
    interval = {"difference_ci": pair["ci"]} if by_ratio else {}
    return Record(
        status=status, value=value, ci=None if by_ratio else _interval(pair["ci"]), reason_code=reason, method="newcombe",
        **{**compared, "parameters": {**facts["parameters"], "rate": rate, **named, **interval}},
    )  # fmt: skip


def _metric_gap(wanted: SubgroupsParameters, found: Found, part: Found, facts: Found) -> Record:
    """The widest gap that fails; else the widest."""
    gaps, threshold = part["metric_gaps"], wanted.metric_gap or wanted.difference
    compared = {"metric": f"{found['metric']}_gap", "comparator": "<=", "threshold": threshold, **facts}
    if not gaps:
        return Record(status="INSUFFICIENT_DATA", reason_code="too_few_groups_to_judge", counts=False, **compared)
    sure = [one for one in gaps if round(one["high_value"] - one["low_value"], 9) > threshold and _is_certain(one)]
    gap = max(sure or gaps, key=lambda one: float(one["high_value"] - one["low_value"]))
    if gap["ci"] is None:
        return Record(status="INSUFFICIENT_DATA", reason_code="no_interval", counts=False, **compared)
    value = gap["high_value"] - gap["low_value"]
    beyond = round(value, 9) > threshold
    status, reason = _verdict(beyond, bool(sure))
    named = {name: gap[name] for name in ("high", "low", "high_value", "low_value", "p", "p_adjusted", "rows")}
    return Record(
        status=status, value=value, ci=_interval(gap["ci"]), reason_code=reason, method="percentile_bootstrap", seed=found["seed"],
        **{**compared, "parameters": {**facts["parameters"], **named}},
    )  # fmt: skip


def _verdict(beyond: bool, sure: bool) -> tuple[Status, str | None]:
    if sure:
        return "FAIL", "gap_too_large"
    return ("WARN", "inconclusive") if beyond else ("PASS", None)


def _is_certain(pair: Found) -> bool:
    """Whether a gap is more than chance, among all that were looked at."""
    return pair["ci"] is not None and pair["ci"][0] > 0 and pair["p_adjusted"] is not None and pair["p_adjusted"] <= _ALPHA


def _group(wanted: SubgroupsParameters, found: Found, group: Found) -> Record:
    """Listed, whatever its size."""
    large = group["n"] >= wanted.minimum_rows
    value = None if group["metric"] is None else float(group["metric"])
    return Record(
        status="PASS" if large else "INSUFFICIENT_DATA", reason_code=None if large else "too_few_rows", metric=found["metric"],
        value=value, slice=group["name"], n=group["n"], n_positive=group["n_positive"], parameters={"rates": group["rates"]}, counts=False,
    )  # fmt: skip


def _interval(ci: Sequence[float] | None) -> tuple[float, float] | None:
    return None if ci is None else (float(ci[0]), float(ci[1]))


def contradictions(wanted: SubgroupsParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Parities are of a binary task, and a metric without a scale of its own needs a threshold."""
    yield from columns_twice("columns", wanted.columns)
    yield from label_among("columns", wanted.columns, plan)
    if plan.task != "binary" and wanted.parities is not None:
        yield "parities", wanted.parities, "given for a binary task only; others are compared by the metric of each group"
    if wanted.metric is not None:
        fitting = [name for name, known in METRICS.items() if plan.task in known.tasks and name not in _NOT_OF_GROUPS]
        if wanted.metric not in fitting:
            yield "metric", wanted.metric, one_of(wanted.metric, fitting)
    if wanted.metric_gap is None and (plan.task == "regression" or (plan.task == "multiclass" and wanted.metric in _NO_SCALE)):
        yield "metric_gap", None, "the largest difference of the metric between two groups, in its unit"


def columns(wanted: SubgroupsParameters) -> Sequence[str]:
    """The columns that make the groups."""
    return wanted.columns


KIND = CheckKind(
    name="subgroups",
    version=1,
    purpose="No two groups of rows are treated more differently than a threshold says, beyond chance. No further inference.",
    parameters=SubgroupsParameters,
    measure="placet_verification.adapters.evaluation.measures.subgroups:measure",
    judge=judge,
    columns=columns,
    contradictions=contradictions,
)
