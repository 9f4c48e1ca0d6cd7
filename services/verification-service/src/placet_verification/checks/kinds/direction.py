"""Of the rows, at least the stated share keeps or raises (or keeps or lowers) its score when the column is raised."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from placet_shared.contracts.plan_document import Class, ColumnName, PlanDocument
from placet_verification.checks.columns import class_of_task, columns_twice
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record

__all__ = ["KIND", "DirectionParameters"]


class DirectionParameters(Parameters):
    """Which columns are raised, and what the score must not do."""

    columns: Annotated[
        tuple[ColumnName, ...],
        Field(min_length=1, max_length=20, description="numbers among the inputs; each is raised alone, and judged alone"),
    ]
    score: Annotated[
        Literal["must_not_fall", "must_not_rise"],
        Field(description="what the score of the positive class, or the predicted value, does when the column is raised"),
    ]
    of_class: Annotated[Class | None, Field(description="of several classes, the one whose score is meant")] = None
    by: Annotated[
        float, Field(gt=0, description="how far the column is raised, in its standard deviations; never above its largest value")
    ] = 1.0
    slack: Annotated[float, Field(ge=0, description="a move of the score the wrong way by no more than this is none")] = 1e-6
    share: Annotated[float, Field(gt=0, le=1, description="of the rows, how many must do so")] = 0.95
    minimum_rows: Annotated[int, Field(ge=1, description="fewer rows that can be raised are not judged")] = 30

    @field_validator("of_class", mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        return str(value) if type(value) is int else value


def judge(wanted: DirectionParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """A record for each column, over the rows whose value is known and is not the largest."""
    return [_of_column(wanted, found, name) for name in wanted.columns]


def _of_column(wanted: DirectionParameters, found: Mapping[str, Any], name: str) -> Record:
    one = found["columns"][name]
    common: dict[str, Any] = {"slice": name, "n": one["n"], "seed": found["seed"]}
    if one["failure"] is not None:
        return Record(status="FAIL", reason_code=one["failure"], metric="direction", **common)
    if one["n"] == 0:
        return Record(status="NOT_APPLICABLE", reason_code="column_is_constant", **common)
    if one["n"] < wanted.minimum_rows:
        return Record(status="INSUFFICIENT_DATA", reason_code="too_few_rows", **common)
    held = one["value"] >= wanted.share
    return Record(
        status="PASS" if held else "FAIL",
        reason_code=None if held else "wrong_direction",
        metric="direction",
        value=float(one["value"]),
        ci=(float(one["ci"][0]), float(one["ci"][1])),
        comparator=">=",
        threshold=wanted.share,
        method="wilson",
        parameters={**found["parameters"], **{part: one[part] for part in ("raised_by", "mean_move", "first_wrong_rows")}},
        **common,
    )


def contradictions(wanted: DirectionParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Numeric columns that an input takes, each once; and one score."""
    types = {name: part.type for part in reversed(plan.inputs) for name in part.columns}
    for name in wanted.columns:
        if types.get(name, "string") in ("string", "bool"):
            yield "columns", name, "columns of numbers that the model's inputs take"
    yield from columns_twice("columns", wanted.columns)
    yield from class_of_task("of_class", wanted.of_class, plan, required=True)


KIND = CheckKind(
    name="direction",
    version=1,
    purpose="Of the rows, at least the stated share keeps or raises (or keeps or lowers) its score when the column is raised. One run "
    "of the model for each column, on at most 20,000 rows, and of more than 5,000 on so few that all are three passes.",
    parameters=DirectionParameters,
    measure="placet_verification.adapters.evaluation.measures.direction:measure",
    judge=judge,
    contradictions=contradictions,
)
