"""What each column adds to the predictions of a few rows, by Shapley values: evidence, never a verdict."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, field_validator

from placet_shared.contracts.plan_document import Class, PlanDocument
from placet_verification.checks.columns import class_of_task
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record

__all__ = ["KIND", "ExplanationsParameters"]

RowNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


class ExplanationsParameters(Parameters):
    """Which rows, and of several classes the score of which one."""

    rows: Annotated[
        tuple[RowNumber, ...], Field(min_length=1, max_length=20, description="numbers of rows of the evaluation data, counted from 1")
    ] = (1, 2, 3)
    of_class: Annotated[
        Class | None,
        Field(description="of several classes, the one whose score is explained; left out: the one that the row is predicted as"),
    ] = None

    @field_validator("of_class", mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        return str(value) if type(value) is int else value


def judge(wanted: ExplanationsParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """A record for each row: `value` is the prediction, `baseline_value` the mean prediction of the background."""
    return [_of_row(one, found) for one in found["rows"]]


def _of_row(one: Mapping[str, Any], found: Mapping[str, Any]) -> Record:
    common: dict[str, Any] = {"slice": f"row {one['row']}", "n": found["n"], "seed": found["seed"], "method": "shapley_by_permutations"}
    if one["reason_code"] is not None:
        return Record(status="NOT_APPLICABLE", reason_code=one["reason_code"], **common)
    if one["failure"] is not None:
        return Record(status="WARN", reason_code=one["failure"], **common)
    facts = {name: one[name] for name in ("of_class", "gap", "contributions", "not_listed")}
    return Record(
        status="PASS",
        metric="prediction",
        value=float(one["prediction"]),
        baseline_value=float(one["base"]),
        parameters={**found["parameters"], **facts},
        **common,
    )


def contradictions(wanted: ExplanationsParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Each row once, and a class of the plan."""
    if len(set(wanted.rows)) < len(wanted.rows):
        yield "rows", ", ".join(str(row) for row in wanted.rows), "each row once"
    yield from class_of_task("of_class", wanted.of_class, plan)


KIND = CheckKind(
    name="explanations",
    version=1,
    purpose="What each column adds to the predictions of a few rows, with the error of sampling. Evidence, never a verdict. For each row "
    "runs of the model on 50 times as many rows as there are columns.",
    parameters=ExplanationsParameters,
    measure="placet_verification.adapters.evaluation.measures.explanations:measure",
    judge=judge,
    contradictions=contradictions,
)
