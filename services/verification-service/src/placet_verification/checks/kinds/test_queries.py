"""As many of the plan's own rows as it says are predicted as it expects."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from placet_shared.contracts.plan_document import Class, ColumnName, Finite, Name, PlanDocument
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "Query", "TestQueriesParameters"]

_LARGEST_FLOAT32 = (2 - 2**-23) * 2.0**127
_TYPES = {
    "string": "a text",
    "bool": "0 or 1",
    "int32": "a whole number below 2**31",
    "int64": "a whole number below 2**53",
    "float32": "a number up to ±3.4e+38",
    "float64": "a number",
}
Value = Annotated[float, Field(strict=True, allow_inf_nan=False)] | Annotated[str, Field(strict=True, max_length=1000)]


class Query(BaseModel):
    """A row, and the answer that is expected: a class, a range of the score or value, or a value with a tolerance."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    row: Annotated[dict[ColumnName, Value], Field(min_length=1, max_length=2000, description="a value for every column of the inputs")]
    predicted: Annotated[Class | None, Field(description="the class that is decided for")] = None
    at_least: Annotated[Finite | None, Field(description="the least score of the positive class, or the least predicted value")] = None
    at_most: Annotated[Finite | None, Field(description="the highest score of the positive class, or the highest predicted value")] = None
    near: Annotated[Finite | None, Field(description="the score or value itself, up to `tolerance`")] = None
    tolerance: Annotated[Finite, Field(ge=0, description="how far from `near` the score or value may be")] = 0.0

    @field_validator("predicted", mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        return str(value) if type(value) is int else value


class TestQueriesParameters(Parameters):
    """The rows, and how many of them must hold."""

    __test__ = False  # pytest takes every class whose name begins so

    queries: Annotated[
        tuple[Query, ...],
        Field(
            min_length=1,
            max_length=200,
            description="each `{name, row: {column: value}}` with what is expected: `predicted` (a class), `at_least`, `at_most`, or "
            "`near` with a `tolerance`",
        ),
    ]
    must_hold: Annotated[int | None, Field(ge=1, description="how many at least; left out: all")] = None


def judge(wanted: TestQueriesParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """One record for all of them, which decides, and one for each query."""
    single = [_of_query(one, found["answers"][one.name], found["classes"]) for one in wanted.queries]
    held = sum(record.status == "PASS" for record in single)
    must = len(single) if wanted.must_hold is None else wanted.must_hold
    whole = Record(
        status="PASS" if held >= must else "FAIL",
        reason_code=None if held >= must else "queries_failed",
        metric="queries_held",
        value=float(held),
        comparator=">=",
        threshold=float(must),
        n=len(single),
        method="expected_answers",
    )
    return [whole, *single]


def _of_query(one: Query, answer: Mapping[str, Any], classes: Sequence[str]) -> Record:
    status, reason = _verdict(one, answer, classes)
    decided = None if answer["decided"] is None else classes[answer["decided"]]
    return Record(
        status=status,
        reason_code=reason,
        metric="prediction",
        value=None if answer["score"] is None else float(answer["score"]),
        slice=one.name,
        n=1,
        method="expected_answer",
        parameters={"decided": decided, "expected": one.model_dump(mode="json", exclude={"name", "row"}, exclude_none=True)},
        counts=False,
    )


def _verdict(one: Query, answer: Mapping[str, Any], classes: Sequence[str]) -> tuple[Status, str | None]:
    if answer["failure"] is not None:
        return "FAIL", answer["failure"]
    if one.predicted is not None and classes[answer["decided"]] != one.predicted:
        return "FAIL", "another_class"
    score = answer["score"]
    low = one.at_least is not None and score < one.at_least
    high = one.at_most is not None and score > one.at_most
    if low or high or (one.near is not None and abs(score - one.near) > one.tolerance):
        return "FAIL", "out_of_range"
    return "PASS", None


def contradictions(wanted: TestQueriesParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Names once, rows with all columns of the inputs in their types, and answers that the task has."""
    for name, count in Counter(one.name for one in wanted.queries).items():
        if count > 1:
            yield "queries", name, "a name of its own for every query"
    if wanted.must_hold is not None and wanted.must_hold > len(wanted.queries):
        yield "must_hold", wanted.must_hold, f"no more than the {len(wanted.queries)} queries"
    for one in wanted.queries:
        yield from _about_row(one, plan)
        yield from _about_answer(one, plan)


def _about_row(one: Query, plan: PlanDocument) -> Iterator[Contradiction]:
    types = [(name, part.type) for part in plan.inputs for name in part.columns]
    if other := sorted({name for name, _ in types} ^ one.row.keys()):
        yield "queries", other[0], f"in {one.name} a value for every column of the inputs, and for no other"
    for name, type_ in types:
        if name in one.row and not _takes(type_, one.row[name]):
            yield "queries", one.row[name], f"in {one.name} {_TYPES[type_]} for {name}"


def _takes(type_: str, value: float | str) -> bool:
    """As it is: a row that is rounded is another row than the plan's."""
    if isinstance(value, str) or type_ == "string":
        return isinstance(value, str) and type_ == "string"
    match type_:
        case "bool":
            return value in (0, 1)
        case "int32" | "int64":
            bound = 2.0 ** (31 if type_ == "int32" else 53)
            return value.is_integer() and -bound <= value < bound
        case "float32":
            return abs(value) <= _LARGEST_FLOAT32
    return True


def _about_answer(one: Query, plan: PlanDocument) -> Iterator[Contradiction]:
    classes = plan.prediction.classes if plan.prediction else []
    ranged = one.at_least is not None or one.at_most is not None
    if one.predicted is None and not ranged and one.near is None:
        yield "queries", one.name, "an answer: `predicted`, `at_least`, `at_most` or `near`"
    if one.predicted is not None and one.predicted not in classes:
        yield "queries", one.predicted, f"one of {', '.join(classes)}" if classes else "a range: a regression has no classes"
    if plan.task == "multiclass" and (ranged or one.near is not None):
        yield "queries", one.name, "`predicted`: ranges are for tasks with one score, binary and regression"
    if one.at_least is not None and one.at_most is not None and one.at_least > one.at_most:
        yield "queries", one.at_least, f"in {one.name} no more than `at_most`"
    if one.tolerance and one.near is None:
        yield "queries", one.tolerance, f"in {one.name} a tolerance only with `near`"


KIND = CheckKind(
    name="test_queries",
    version=1,
    purpose="As many of the plan's own rows as it says are predicted as it expects. One run of the model for each of these rows.",
    parameters=TestQueriesParameters,
    measure="placet_verification.adapters.evaluation.measures.test_queries:measure",
    judge=judge,
    contradictions=contradictions,
)
