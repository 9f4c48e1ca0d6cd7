"""The model predicts fast enough, with little enough memory, and is small enough: up to a bound PASS, up to a multiple of it WARN, beyond
FAIL; nothing that was observed is in the result."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import PlanDocument
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "LatencyParameters"]

Milliseconds = Annotated[float | None, Field(gt=0, allow_inf_nan=False)]
Mebibytes = Annotated[float | None, Field(gt=0, allow_inf_nan=False)]

_OBSERVED: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "median_ms": (("one_row", "median_ms"), "wall_clock", "too_slow"),
    "p95_ms": (("one_row", "p95_ms"), "wall_clock", "too_slow"),
    "ms_per_row": (("batch", "ms_per_row"), "wall_clock", "too_slow"),
    "peak_memory_mib": (("peak_memory_mib",), "peak_resident_set", "too_much_memory"),
    "artifact_mib": (("artifact_mib",), "size_of_file", "too_large"),
}
"""For each bound: where its observation is, how it was observed, and what it is beyond."""


class LatencyParameters(Parameters):
    """Bounds for three durations and the memory on the worker's machine, and for the artifact; what has no bound is not judged."""

    median_ms: Annotated[Milliseconds, Field(description="most milliseconds for a single row, half of the time")] = 100.0
    p95_ms: Annotated[Milliseconds, Field(description="most milliseconds for a single row, 95 % of the time")] = None
    ms_per_row: Annotated[Milliseconds, Field(description="most milliseconds for a row, when many are predicted at once")] = None
    peak_memory_mib: Annotated[
        Mebibytes, Field(description="most MiB that the evaluation's process had at once, with its libraries and the data")
    ] = None
    artifact_mib: Annotated[
        Mebibytes, Field(description="most MiB of the artifact; without a WARN between, it is the same in every run")
    ] = None
    factor: Annotated[
        float, Field(ge=1, le=1000, description="up to so many times the bound the check is WARN: another run may be on a busier machine")
    ] = 2.0


def judge(wanted: LatencyParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """A record for each bound; it has the bound and the status, and nothing observed, which no second run finds again."""
    bounds = {name: bound for name in _OBSERVED if (bound := getattr(wanted, name)) is not None}
    return [_record(wanted, name, bound, found["observed"]) for name, bound in bounds.items()]


def _record(wanted: LatencyParameters, name: str, bound: float, observed: Mapping[str, Any]) -> Record:
    path, method, beyond = _OBSERVED[name]
    value: Any = observed
    for member in path:
        value = value[member]
    factor = 1.0 if name == "artifact_mib" else wanted.factor
    status, reason = _verdict(float(value), bound, factor, beyond)
    return Record(
        status=status,
        reason_code=reason,
        metric=name,
        comparator="<=",
        threshold=bound,
        slice=name,
        method=method,
        parameters={"factor": factor},
    )


def _verdict(value: float, bound: float, factor: float, beyond: str) -> tuple[Status, str | None]:
    if value <= bound:
        return "PASS", None
    return ("WARN", "near_threshold") if value <= factor * bound else ("FAIL", beyond)


def contradictions(wanted: LatencyParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Something must be asked for."""
    if all(getattr(wanted, name) is None for name in _OBSERVED):
        yield "median_ms", None, f"a bound for at least one of {', '.join(_OBSERVED)}"


KIND = CheckKind(
    name="latency",
    version=1,
    purpose="Predicting one row, and a row among many, takes at most its bound on the worker's machine; where the plan says so, memory and "
    "the artifact's size have bounds too. All are observations: the result holds the status and no value. Three passes of inference over "
    "at most 10,240 rows, and single rows for two seconds at most.",
    parameters=LatencyParameters,
    measure="placet_verification.adapters.evaluation.measures.latency:measure",
    judge=judge,
    contradictions=contradictions,
)
