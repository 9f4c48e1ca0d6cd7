"""What the model answers when a column takes each of its usual values, on average and for single rows: evidence, never a verdict."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, field_validator

from placet_shared.contracts.plan_document import Class, ColumnName, PlanDocument
from placet_verification.checks.columns import class_of_task, columns_twice, not_inputs
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record

__all__ = ["KIND", "DependenceParameters"]


class DependenceParameters(Parameters):
    """Which columns, and of several classes the score of which one."""

    columns: Annotated[
        tuple[ColumnName, ...] | None,
        Field(min_length=1, max_length=20, description="inputs of the model; left out: the six that the metric needs most"),
    ] = None
    of_class: Annotated[Class | None, Field(description="of several classes, the one whose score is shown; left out: the first")] = None

    @field_validator("of_class", mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        return str(value) if type(value) is int else value


def judge(wanted: DependenceParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """A record for each column, with its curves; `value` is how far the mean curve reaches from its lowest to its highest point."""
    common: dict[str, Any] = {"n": found["n"], "seed": found["seed"], "method": "partial_dependence"}
    if found["failure"] is not None:
        return [Record(status="WARN", reason_code=found["failure"], **common)]
    return [_of_column(one, found, common) for one in found["columns"]]


def _of_column(one: Mapping[str, Any], found: Mapping[str, Any], common: Mapping[str, Any]) -> Record:
    if one["reason_code"] is not None:
        return Record(status="NOT_APPLICABLE", slice=one["name"], reason_code=one["reason_code"], **common)
    curves = {name: one[name] for name in ("values", "mean", "low", "high", "single")}
    reach = float(max(one["mean"]) - min(one["mean"]))
    parameters = {**found["parameters"], **curves}
    return Record(status="PASS", metric="partial_dependence_range", value=reach, slice=one["name"], parameters=parameters, **common)


def contradictions(wanted: DependenceParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Columns that an input takes, each once, and a class of the plan."""
    yield from not_inputs("columns", wanted.columns or (), plan)
    yield from columns_twice("columns", wanted.columns or ())
    yield from class_of_task("of_class", wanted.of_class, plan)


KIND = CheckKind(
    name="dependence",
    version=1,
    purpose="Partial dependence and curves of single rows for the columns that matter most. Evidence, never a verdict. Runs of the model "
    "on 500 rows with 20 values of each column; and, where the plan names no columns, one permutation of each to find them.",
    parameters=DependenceParameters,
    measure="placet_verification.adapters.evaluation.measures.dependence:measure",
    judge=judge,
    contradictions=contradictions,
)
