"""The model decides as the deployed one did, but for a share of rows that is at most the plan's threshold; without one it is evidence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import ColumnName, PlanDocument
from placet_verification.checks.columns import label_among
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "BehaviourChangeParameters"]

MOST = 2**31 - 1


class BehaviourChangeParameters(Parameters):
    """What counts as a change, how many are allowed, and by which column they are listed."""

    at_most: Annotated[float | None, Field(ge=0, le=1, description="share of rows that may flip")] = None
    away_at_most: Annotated[float | None, Field(ge=0, le=1, description="share of rows that may flip away from the truth")] = None
    group: Annotated[
        ColumnName | None, Field(description="an input or another column of the data; numbers of an input are cut at their quintiles")
    ] = None
    tolerance: Annotated[
        float | None, Field(ge=0, allow_inf_nan=False, description="of a regression: a prediction that moves by more has flipped")
    ] = None
    minimum_rows: Annotated[int, Field(ge=1, le=MOST, description="with fewer there is no verdict, and a group is not judged")] = 100


def judge(wanted: BehaviourChangeParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """A record of all flips, one of those away from the truth, and one a group, which decides nothing."""
    if found["reason_code"] == "nothing_deployed":
        return [Record(status="NOT_APPLICABLE", reason_code="nothing_deployed")]
    if found["reason_code"] is not None:
        return [Record(status="ERROR", reason_code=found["reason_code"])]
    whole, parameters = found["all"], {**found["parameters"], "group": wanted.group, "tolerance": wanted.tolerance}
    flips = _of_all(wanted, whole, "flips", wanted.at_most, found["n_positive"], parameters)
    away = _of_all(wanted, whole, "away", wanted.away_at_most, found["n_positive"], {})
    return [flips, away, *(_of_group(wanted, group) for group in found["groups"])]


def _of_all(
    wanted: BehaviourChangeParameters,
    counted: Mapping[str, Any],
    which: str,
    threshold: float | None,
    n_positive: int | None,
    parameters: Mapping[str, Any],
) -> Record:
    """Flips are what the check is about, so their record counts without a threshold too."""
    status, reason = _verdict(wanted, counted, which, threshold)
    compared = {"comparator": None if threshold is None else "<=", "threshold": threshold, "n_positive": n_positive}
    counts = which == "flips" or threshold is not None
    return _record(counted, which, status, reason, **compared, parameters={**_towards(counted), **parameters}, counts=counts)


def _of_group(wanted: BehaviourChangeParameters, counted: Mapping[str, Any]) -> Record:
    few = counted["n"] < wanted.minimum_rows
    status: Status = "INSUFFICIENT_DATA" if few else "PASS"
    reason = "too_few_rows" if few else None
    return _record(counted, "flips", status, reason, slice=str(counted["name"]), parameters=_towards(counted), counts=False)


def _record(counted: Mapping[str, Any], which: str, status: Status, reason: str | None, **more: Any) -> Record:
    share, ci = counted[which]["share"], counted[which]["ci"]
    metric = {"flips": "flip_rate", "away": "flip_rate_away_from_truth"}[which]
    interval = None if ci is None else (float(ci[0]), float(ci[1]))
    return Record(status=status, reason_code=reason, metric=metric, value=share, ci=interval, n=counted["n"], method="wilson", **more)


def _towards(counted: Mapping[str, Any]) -> dict[str, Any]:
    return {"towards_truth": counted["towards"], "away_from_truth": counted["away"]}


def _verdict(
    wanted: BehaviourChangeParameters, counted: Mapping[str, Any], which: str, threshold: float | None
) -> tuple[Status, str | None]:
    if threshold is None:
        return "PASS", None
    if counted["n"] < wanted.minimum_rows:
        return "INSUFFICIENT_DATA", "too_few_rows"
    if counted[which]["share"] <= threshold:
        return "PASS", None
    return ("FAIL", "threshold_missed") if counted[which]["ci"][0] > threshold else ("WARN", "inconclusive")


def columns(wanted: BehaviourChangeParameters) -> Iterable[str]:
    """The one by which flips are listed."""
    return () if wanted.group is None else (wanted.group,)


def contradictions(wanted: BehaviourChangeParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """A number has changed by more than something, and flips are not listed by the truth."""
    yield from label_among("group", columns(wanted), plan)
    if (wanted.tolerance is not None) != (plan.task == "regression"):
        yield "tolerance", wanted.tolerance, "given for a regression, and only there: a decision flips or it does not"


KIND = CheckKind(
    name="behaviour_change",
    version=1,
    purpose="How many rows the model decides otherwise than the deployed one, towards the truth and away from it, and for whom. FAIL only "
    "against a threshold of the plan that the whole interval exceeds. One pass of inference, by the champion.",
    parameters=BehaviourChangeParameters,
    measure="placet_verification.adapters.evaluation.measures.behaviour_change:measure",
    judge=judge,
    needs=frozenset({"champion"}),
    columns=columns,
    contradictions=contradictions,
)
