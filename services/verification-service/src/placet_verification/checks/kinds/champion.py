"""The model is not worse than the one that is deployed: the 95 % interval of the difference lies above minus the margin."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_verification.checks.chosen_metric import ChosenMetric, gain, metric_contradictions, too_few
from placet_verification.checks.kind import CheckKind
from placet_verification.checks.known_metrics import METRICS
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "ChampionParameters"]

MARGIN = 0.005
SHARE = 0.01


class ChampionParameters(ChosenMetric):
    """Which metric, and by how much the model may be worse."""

    margin: Annotated[
        float | None,
        Field(
            ge=0,
            allow_inf_nan=False,
            description="how much worse is still as good; left out: 0.005 where more is better, else 1 % of the champion's value",
        ),
    ] = None


def judge(wanted: ChampionParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """PASS where even the lower end is no worse than the margin, FAIL where even the upper end is worse, else WARN."""
    if found["reason_code"] == "nothing_deployed":
        return [Record(status="NOT_APPLICABLE", reason_code="nothing_deployed")]
    if found["reason_code"] is not None:
        return [Record(status="ERROR", reason_code=found["reason_code"])]
    metric, old, new = found["metric"], found["champion"], found["challenger"]
    margin = _margin(wanted, metric, old)
    status, reason = _verdict(wanted, found, margin)
    more = METRICS[metric].better == "higher"
    return [
        Record(
            status=status,
            reason_code=reason,
            metric=f"{metric}_difference",
            value=None if old is None else float(new - old),
            ci=None if found["ci"] is None else (float(found["ci"][0]), float(found["ci"][1])),
            comparator=">=" if more else "<=",
            threshold=None if margin is None else (-margin if more else margin),
            baseline_value=old,
            n=found["n"],
            n_positive=found["n_positive"],
            method=found["method"],
            parameters={**found["parameters"], "champion": old, "challenger": new, "margin": margin},
            seed=found["seed"],
        )
    ]


def _margin(wanted: ChampionParameters, metric: str, champion: float | None) -> float | None:
    if wanted.margin is not None or champion is None:
        return wanted.margin
    return MARGIN if METRICS[metric].better == "higher" else float(f"{SHARE * champion:.9g}")


def _verdict(wanted: ChampionParameters, found: Mapping[str, Any], margin: float | None) -> tuple[Status, str | None]:
    if reason := too_few(wanted, found):
        return "INSUFFICIENT_DATA", reason
    if found["champion"] is None or margin is None:
        return "INSUFFICIENT_DATA", "not_defined"
    if found["ci"] is None:
        return "INSUFFICIENT_DATA", "no_interval"
    low, high = gain(found["metric"], found["ci"])
    if low >= -margin:
        return "PASS", None
    return ("FAIL", "worse_than_champion") if high < -margin else ("WARN", "inconclusive")


KIND = CheckKind(
    name="champion",
    version=2,
    purpose="On the same rows the model is no worse than the deployed one: the paired interval of the difference stays above minus the "
    "margin. NOT_APPLICABLE when nothing is deployed. One pass of inference, by the champion.",
    parameters=ChampionParameters,
    measure="placet_verification.adapters.evaluation.measures.champion:measure",
    judge=judge,
    needs=frozenset({"champion"}),
    contradictions=metric_contradictions,
)
