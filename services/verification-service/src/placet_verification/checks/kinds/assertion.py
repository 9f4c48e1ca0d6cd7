"""Of the rows that match a condition, at least the stated share is predicted as one of the stated classes, or in the stated range."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from placet_shared.contracts.plan_document import Class, ColumnName, Finite, PlanDocument
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "AssertionParameters", "Condition"]

_OF_ORDER = frozenset({">=", ">", "<=", "<"})


class Condition(BaseModel):
    """What the value of a column must be for a row to match."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: ColumnName
    comparator: Literal["==", "!=", ">=", ">", "<=", "<"]
    value: Annotated[float, Field(strict=True, allow_inf_nan=False)] | Annotated[str, Field(strict=True, max_length=200)]


class AssertionParameters(Parameters):
    """Which rows, what they must be predicted as, and how many of them."""

    condition: Annotated[
        tuple[Condition, ...],
        Field(
            min_length=1,
            max_length=20,
            description="each `{column, comparator, value}`; all must hold, and a row whose value is missing is dropped",
        ),
    ]
    predicted: Annotated[tuple[Class, ...], Field(max_length=1000, description="the classes that are right, for a classification")] = ()
    at_least: Annotated[Finite | None, Field(description="the least score of the positive class, or the least predicted value")] = None
    at_most: Annotated[Finite | None, Field(description="the highest score of the positive class, or the highest predicted value")] = None
    share: Annotated[float, Field(gt=0, le=1, description="of the matching rows, how many must be so")] = 1.0
    judge: Annotated[
        Literal["value", "interval"],
        Field(description="`interval`: PASS and FAIL only where the whole 95 % interval agrees, else WARN"),
    ] = "value"
    minimum_rows: Annotated[int, Field(ge=1, description="fewer matching rows are not judged")] = 1

    @field_validator("predicted", mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        return [str(item) if type(item) is int else item for item in value] if isinstance(value, list) else value


def judge(wanted: AssertionParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """The valid ratio; `parameters` have the numbers of matching and of dropped rows, and the first rows that are not so."""
    status, reason = _verdict(wanted, found)
    return [
        Record(
            status=status,
            reason_code=reason,
            metric="valid_ratio",
            value=None if found["value"] is None else float(found["value"]),
            ci=None if found["ci"] is None else (float(found["ci"][0]), float(found["ci"][1])),
            comparator=">=",
            threshold=wanted.share,
            n=found["matching"],
            method="wilson",
            parameters={name: found[name] for name in ("rows", "matching", "dropped", "valid", "first_invalid_rows")},
        )
    ]


def _verdict(wanted: AssertionParameters, found: Mapping[str, Any]) -> tuple[Status, str | None]:
    """A condition that nothing matches may be a slip of the pen, so it is no PASS."""
    if found["matching"] == 0:
        return "INSUFFICIENT_DATA", "no_row_matches"
    if found["matching"] < wanted.minimum_rows:
        return "INSUFFICIENT_DATA", "too_few_rows_match"
    held = [value >= wanted.share for value in (found["ci"] if wanted.judge == "interval" else [found["value"]])]
    if all(held):
        return "PASS", None
    return ("WARN", "inconclusive") if any(held) else ("FAIL", "assertion_broken")


def contradictions(wanted: AssertionParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Classes of the plan, or a range; and conditions that the columns' types have."""
    classes = plan.prediction.classes if plan.prediction else []
    ranged = wanted.at_least is not None or wanted.at_most is not None
    if ranged == bool(wanted.predicted):
        yield "predicted", ", ".join(wanted.predicted), "classes, or a range by `at_least` and `at_most`: one of the two"
    for name in wanted.predicted:
        if name not in classes:
            yield "predicted", name, f"one of {', '.join(classes)}" if classes else "a range: a regression has no classes"
    if ranged and plan.task == "multiclass":
        yield "at_least", wanted.at_least, "left out: ranges are for tasks with one score, binary and regression"
    if wanted.at_least is not None and wanted.at_most is not None and wanted.at_least > wanted.at_most:
        yield "at_least", wanted.at_least, "no more than `at_most`"
    types = {name: part.type for part in reversed(plan.inputs) for name in part.columns}
    for one in wanted.condition:
        text = types.get(one.column) in ("string", "bool")
        if isinstance(one.value, str) and (one.comparator in _OF_ORDER or (one.column in types and not text)):
            yield "condition", one.value, f"a number for {one.column} {one.comparator}"
        elif not isinstance(one.value, str) and text:
            yield "condition", one.value, f"a text for {one.column}, which is {types[one.column]}"
        elif types.get(one.column) == "bool" and str(one.value).lower() not in ("true", "false"):
            yield "condition", one.value, f"'true' or 'false' for {one.column}, which is bool"


def columns(wanted: AssertionParameters) -> Sequence[str]:
    """Those of the condition."""
    return [one.column for one in wanted.condition]


KIND = CheckKind(
    name="assertion",
    version=1,
    purpose="Of the rows that match a condition, at least the stated share is predicted as one of the stated classes, or in the "
    "stated range. No further run of the model.",
    parameters=AssertionParameters,
    measure="placet_verification.adapters.evaluation.measures.assertion:measure",
    judge=judge,
    columns=columns,
    contradictions=contradictions,
)
