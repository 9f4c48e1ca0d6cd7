"""The model predicts fast enough: up to a bound PASS, up to a multiple of it WARN, beyond FAIL; no duration is in the result."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import PlanDocument
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "LatencyParameters"]

Milliseconds = Annotated[float | None, Field(gt=0, allow_inf_nan=False)]

_OBSERVED: Mapping[str, tuple[str, str]] = {
    "median_ms": ("one_row", "median_ms"),
    "p95_ms": ("one_row", "p95_ms"),
    "ms_per_row": ("batch", "ms_per_row"),
}
"""Where the observation of each bound is."""


class LatencyParameters(Parameters):
    """A bound for each of three durations on the worker's machine; one without a bound is not judged."""

    median_ms: Annotated[Milliseconds, Field(description="most milliseconds for a single row, half of the time")] = 100.0
    p95_ms: Annotated[Milliseconds, Field(description="most milliseconds for a single row, 95 % of the time")] = None
    ms_per_row: Annotated[Milliseconds, Field(description="most milliseconds for a row, when many are predicted at once")] = None
    factor: Annotated[
        float, Field(ge=1, le=1000, description="up to so many times the bound the check is WARN: another run may be on a busier machine")
    ] = 2.0


def judge(wanted: LatencyParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """A record for each bound; it has the bound and the status, and no duration, which no second run finds again."""
    bounds = {name: bound for name in _OBSERVED if (bound := getattr(wanted, name)) is not None}
    return [_record(wanted, name, bound, found["observed"]) for name, bound in bounds.items()]


def _record(wanted: LatencyParameters, name: str, bound: float, observed: Mapping[str, Any]) -> Record:
    of, which = _OBSERVED[name]
    status, reason = _verdict(float(observed[of][which]), bound, wanted.factor)
    return Record(
        status=status,
        reason_code=reason,
        metric=name,
        comparator="<=",
        threshold=bound,
        slice=name,
        method="wall_clock",
        parameters={"factor": wanted.factor},
    )


def _verdict(milliseconds: float, bound: float, factor: float) -> tuple[Status, str | None]:
    if milliseconds <= bound:
        return "PASS", None
    return ("WARN", "near_threshold") if milliseconds <= factor * bound else ("FAIL", "too_slow")


def contradictions(wanted: LatencyParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Something must be asked for."""
    if wanted.median_ms is None and wanted.p95_ms is None and wanted.ms_per_row is None:
        yield "median_ms", None, "a bound for at least one of median_ms, p95_ms, ms_per_row"


KIND = CheckKind(
    name="latency",
    version=1,
    purpose="Predicting one row, and a row among many, takes at most its bound on the worker's machine. Durations are observations: the "
    "result holds the status and no value. Three passes of inference over at most 10,240 rows, and single rows for two seconds at most.",
    parameters=LatencyParameters,
    measure="placet_verification.adapters.evaluation.measures.latency:measure",
    judge=judge,
    contradictions=contradictions,
)
