"""Under each corruption of the data, at least the stated share of decisions stays, and the metric drops by no more than is stated."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from placet_shared.contracts.plan_document import ColumnName, Name, PlanDocument
from placet_shared.near_names import one_of
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.checks.known_metrics import METRICS
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "Corruption", "RobustnessParameters"]

Corruption = Literal["missing", "noise", "scaling", "category_swap", "typos", "prior_shift", "subgroup_shift"]
Share = Annotated[float, Field(gt=0, lt=1)]


class RobustnessParameters(Parameters):
    """Which corruptions, and how much may change under each."""

    corruptions: Annotated[
        tuple[Corruption, ...],
        Field(
            min_length=1,
            description="`missing`: 10 % of the values; `noise`: 0.1 standard deviations; `scaling`: 10 % of the numbers by 10 or 0.1; "
            "`category_swap`: 10 % of the categories; `typos`: one typing error in 10 % of the texts; "
            "`prior_shift`, `subgroup_shift`: rows are drawn with other frequencies",
        ),
    ] = get_args(Corruption)
    metric: Annotated[Name | None, Field(description="whose drop is held against `drop`; default: roc_auc, balanced_accuracy or rmse")] = (
        None
    )
    resilience: Annotated[float, Field(gt=0, le=1, description="the least share of decisions that stay")] = 0.95
    drop: Annotated[float, Field(ge=0, description="the largest drop of the metric; of mae and rmse: relative to the value before")] = 0.05
    tolerance: Annotated[
        float, Field(ge=0, description="a regression's prediction stays that moves by so many standard deviations of the predictions")
    ] = 0.1
    group: Annotated[ColumnName | None, Field(description="a column of the data; its worst group is judged too, and shifted to")] = None
    minimum_rows: Annotated[int, Field(ge=1, description="fewer rows, in all or of a group, are not judged")] = 100
    prior: Annotated[
        Share | None,
        Field(
            description="the share of the positive class after `prior_shift` (of several classes the most frequent; of a regression the "
            "labels above the median); default: half of what it is"
        ),
    ] = None
    subgroup_share: Annotated[Share, Field(description="the share of the rows that `subgroup_shift` gives each group in turn")] = 0.5


def judge(wanted: RobustnessParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """Two records for each corruption, resilience and drop; those of groups; and the rows that most corruptions flip, for information."""
    return [*(record for name in wanted.corruptions for record in _of_corruption(wanted, found, name)), *_critical(found)]


def _of_corruption(wanted: RobustnessParameters, found: Mapping[str, Any], name: str) -> Iterator[Record]:
    facts = found["corruptions"][name]
    common: dict[str, Any] = {"slice": name, "seed": found["seed"], "n": found["n"], "n_positive": found["n_positive"]}
    if facts["reason_code"] is not None:
        yield Record(status="NOT_APPLICABLE", reason_code=facts["reason_code"], **common)
    elif facts["failure"] is not None:
        yield Record(status="FAIL", metric="resilience", reason_code=facts["failure"], **common)
    elif found["n"] < wanted.minimum_rows:
        yield Record(status="INSUFFICIENT_DATA", reason_code="too_few_rows", **common)
    else:
        if facts["resilience"] is not None:
            yield _resilience(wanted, found, facts["resilience"], common)
        yield from (_of_group(wanted, name, group, found["seed"]) for group in facts["groups"])
        yield from (_drop(wanted, found, one, common) for one in facts["drops"])


def _resilience(wanted: RobustnessParameters, found: Mapping[str, Any], one: Mapping[str, Any], common: Mapping[str, Any]) -> Record:
    held = one["value"] >= wanted.resilience
    return Record(
        status="PASS" if held else "FAIL",
        reason_code=None if held else "decisions_changed",
        metric="resilience",
        value=float(one["value"]),
        ci=_interval(one["ci"]),
        comparator=">=",
        threshold=wanted.resilience,
        method="wilson",
        parameters=found["parameters"],
        **common,
    )


def _of_group(wanted: RobustnessParameters, name: str, group: Mapping[str, Any], seed: int) -> Record:
    """Many groups are looked at, so that one fails only where its whole interval is below."""
    status, reason = _verdict_on_group(wanted, group)
    return Record(
        status=status,
        reason_code=reason,
        metric="resilience",
        value=float(group["value"]),
        ci=_interval(group["ci"]),
        comparator=">=",
        threshold=wanted.resilience,
        slice=f"{name}, {group['name']}",
        n=group["n"],
        method="wilson",
        seed=seed,
        counts=status != "INSUFFICIENT_DATA",
    )


def _verdict_on_group(wanted: RobustnessParameters, group: Mapping[str, Any]) -> tuple[Status, str | None]:
    if group["n"] < wanted.minimum_rows:
        return "INSUFFICIENT_DATA", "group_too_small"
    if group["value"] >= wanted.resilience:
        return "PASS", None
    return ("FAIL", "decisions_changed") if group["ci"][1] < wanted.resilience else ("WARN", "inconclusive")


def _drop(wanted: RobustnessParameters, found: Mapping[str, Any], one: Mapping[str, Any], common: Mapping[str, Any]) -> Record:
    status, reason = _verdict_on_drop(wanted, found, one)
    return Record(
        status=status,
        reason_code=reason,
        metric=f"{found['metric']}_drop",
        value=None if one["value"] is None else float(one["value"]),
        ci=_interval(one["ci"]),
        comparator="<=",
        threshold=wanted.drop,
        baseline_value=None if found["before"] is None else float(found["before"]),
        method=one["method"],
        parameters={**found["parameters"], "relative": found["relative"], "after": one["after"]},
        **{**common, "slice": f"{common['slice']}, {one['group']}" if one["group"] is not None else common["slice"]},
        counts=one["group"] is None or one["n"] >= wanted.minimum_rows,
    )


def _verdict_on_drop(wanted: RobustnessParameters, found: Mapping[str, Any], one: Mapping[str, Any]) -> tuple[Status, str | None]:
    """A drop is one where its interval excludes 0."""
    if one["group"] is not None and one["n"] < wanted.minimum_rows:
        return "INSUFFICIENT_DATA", "group_too_small"
    if found["before"] is None or one["value"] is None:
        return "INSUFFICIENT_DATA", "metric_not_defined"
    if one["ci"] is None:
        return "INSUFFICIENT_DATA", "no_interval"
    if one["value"] <= wanted.drop:
        return "PASS", None
    return ("FAIL", "metric_dropped") if one["ci"][0] > 0 else ("WARN", "inconclusive")


def _critical(found: Mapping[str, Any]) -> Iterator[Record]:
    if found["critical"]:
        rows = {"rows": found["critical"], "corruptions": found["corrupted"]}
        value = float(len(found["critical"]))
        yield Record(status="PASS", metric="critical_samples", value=value, n=found["n"], parameters=rows, counts=False)


def _interval(ci: Sequence[float] | None) -> tuple[float, float] | None:
    return None if ci is None else (float(ci[0]), float(ci[1]))


def contradictions(wanted: RobustnessParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Each corruption once, and a metric of the plan's task."""
    if len(set(wanted.corruptions)) < len(wanted.corruptions):
        yield "corruptions", ", ".join(wanted.corruptions), "each corruption once"
    fitting = [name for name, known in METRICS.items() if plan.task in known.tasks and name not in ("top_k_accuracy", "mape")]
    if wanted.metric is not None and wanted.metric not in fitting:
        yield "metric", wanted.metric, one_of(wanted.metric, fitting)


def columns(wanted: RobustnessParameters) -> Sequence[str]:
    """The groups."""
    return [] if wanted.group is None else [wanted.group]


KIND = CheckKind(
    name="robustness",
    version=1,
    purpose="Under each corruption of the data, at least the stated share of decisions stays, and the metric drops by no more than the "
    "stated amount. Up to five runs of the model on at most 20,000 rows.",
    parameters=RobustnessParameters,
    measure="placet_verification.adapters.evaluation.measures.robustness:measure",
    judge=judge,
    columns=columns,
    contradictions=contradictions,
)
