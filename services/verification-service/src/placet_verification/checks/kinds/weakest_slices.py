"""No part of the data, by one column or two, is predicted much worse than all rows: the weakest that are found are within a threshold.

Half of the rows find the slices, the other half confirms them, so that what is reported is not found by looking long enough. A confirmed
slice beyond the threshold fails only where its whole 95 % interval lies above 0.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import ColumnName, PlanDocument
from placet_verification.checks.columns import columns_twice, label_among
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "WeakestSlicesParameters"]

Found = Mapping[str, Any]


class WeakestSlicesParameters(Parameters):
    """Where to look, and how much weaker than all rows a slice may be."""

    columns: Annotated[
        list[ColumnName],
        Field(default_factory=list, max_length=100, description="inputs or other columns of the data; left out: all inputs"),
    ]
    shortfall: Annotated[float, Field(gt=0, le=1, description="how far a slice's accuracy may lie below that of all rows")] = 0.10
    excess: Annotated[
        float, Field(gt=0, description="of a regression: by which share a slice's mean absolute error may exceed that of all rows")
    ] = 0.50
    minimum_rows: Annotated[int, Field(ge=2, le=10**6, description="of a slice, in either half")] = 100


def judge(wanted: WeakestSlicesParameters, found: Found) -> Sequence[Record]:
    """One record for the search, one for each slice that was confirmed."""
    overall: dict[str, Any] = {"n": found["n"], "seed": found["seed"], "method": "two_halves", "comparator": "<="}
    overall |= {"metric": found["metric"], "threshold": wanted.shortfall if found["absolute"] else wanted.excess}
    searched = {name: found[name] for name in ("candidates", "tested", "rows", "left_out")}
    if not found["candidates"]:
        return [Record(status="INSUFFICIENT_DATA", reason_code="no_slice_is_large_enough", parameters=searched, **overall)]
    slices = [_slice(found, part, overall) for part in found["slices"]]
    if not slices:
        return [Record(status="PASS", value=0.0, baseline_value=found["overall"], parameters=searched, **overall)]
    weakest = max(record.value for record in slices if record.value is not None)
    status: Status = "FAIL" if any(record.status == "FAIL" for record in slices) else "PASS"
    reason = "weak_slice" if status == "FAIL" else None
    head = Record(status=status, reason_code=reason, value=weakest, baseline_value=found["overall"], parameters=searched, **overall)
    return [head, *slices]


def _slice(found: Found, part: Found, overall: Found) -> Record:
    """By which share of the error of all rows, for a regression."""
    scale = 1.0 if found["absolute"] else abs(found["overall"])
    value, low, high = (number / scale if scale else 0.0 for number in (part["shortfall"], *part["ci"]))
    weak = round(value, 9) > overall["threshold"] and low > 0
    parameters = {"score": part["score"], "p_adjusted": part["p_adjusted"]}
    return Record(
        status="FAIL" if weak else "PASS", reason_code="weak_slice" if weak else None, value=value, ci=(low, high), slice=part["name"],
        baseline_value=found["overall"], counts=weak, parameters=parameters, **{**overall, "n": part["n"]},
    )  # fmt: skip


def contradictions(wanted: WeakestSlicesParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Columns once each, and not the label."""
    yield from columns_twice("columns", wanted.columns)
    yield from label_among("columns", wanted.columns, plan)


def columns(wanted: WeakestSlicesParameters) -> Sequence[str]:
    """Those that are named."""
    return wanted.columns


KIND = CheckKind(
    name="weakest_slices",
    version=1,
    purpose="The weakest slices of one or two columns are not much weaker than all rows. No further inference.",
    parameters=WeakestSlicesParameters,
    measure="placet_verification.adapters.evaluation.measures.weakest_slices:measure",
    judge=judge,
    columns=columns,
    contradictions=contradictions,
)
