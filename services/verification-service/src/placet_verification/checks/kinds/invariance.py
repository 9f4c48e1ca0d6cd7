"""Of the rows, at least the stated share keeps its decision whatever value of the column it is given."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import ColumnName, PlanDocument
from placet_verification.checks.columns import columns_twice, not_inputs
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record

__all__ = ["KIND", "InvarianceParameters"]


class InvarianceParameters(Parameters):
    """Which columns must not matter, and for how many rows."""

    columns: Annotated[
        tuple[ColumnName, ...],
        Field(min_length=1, max_length=20, description="inputs of the model; each is changed alone, and judged alone"),
    ]
    share: Annotated[float, Field(gt=0, le=1, description="of the rows, how many must keep their decision")] = 0.95
    tolerance: Annotated[
        float, Field(ge=0, description="a regression's prediction stays that moves by so many standard deviations of the predictions")
    ] = 0.1
    values: Annotated[
        int, Field(ge=1, le=20, description="how many values each row is given: the most frequent categories, or quantiles")
    ] = 3
    minimum_rows: Annotated[int, Field(ge=1, description="fewer rows are not judged")] = 30


def judge(wanted: InvarianceParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """A record for each column; a column of one value can't be changed."""
    return [_of_column(wanted, found, name) for name in wanted.columns]


def _of_column(wanted: InvarianceParameters, found: Mapping[str, Any], name: str) -> Record:
    one = found["columns"][name]
    common: dict[str, Any] = {"slice": name, "n": found["n"], "seed": found["seed"]}
    if one["failure"] is not None:
        return Record(status="FAIL", reason_code=one["failure"], metric="invariance", **common)
    if one["value"] is None:
        return Record(status="NOT_APPLICABLE", reason_code="column_is_constant", **common)
    if found["n"] < wanted.minimum_rows:
        return Record(status="INSUFFICIENT_DATA", reason_code="too_few_rows", **common)
    held = one["value"] >= wanted.share
    return Record(
        status="PASS" if held else "FAIL",
        reason_code=None if held else "decisions_changed",
        metric="invariance",
        value=float(one["value"]),
        ci=(float(one["ci"][0]), float(one["ci"][1])),
        comparator=">=",
        threshold=wanted.share,
        method="wilson",
        parameters={**found["parameters"], "values": one["values"], "first_changed_rows": one["first_changed_rows"]},
        **common,
    )


def contradictions(wanted: InvarianceParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Columns that an input takes, each once."""
    yield from not_inputs("columns", wanted.columns, plan)
    yield from columns_twice("columns", wanted.columns)


KIND = CheckKind(
    name="invariance",
    version=1,
    purpose="Of the rows, at least the stated share keeps its decision whatever value of the column it is given. As many runs of the model "
    "as columns times values, on at most 20,000 rows, and of more than 5,000 rows on so few that all are three passes.",
    parameters=InvarianceParameters,
    measure="placet_verification.adapters.evaluation.measures.invariance:measure",
    judge=judge,
    contradictions=contradictions,
)
