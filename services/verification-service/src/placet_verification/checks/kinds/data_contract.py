"""The evaluation data are as agreed: each column keeps its rules of type, range, missing values, categories and uniqueness.

Each rule that is broken is a FAIL with the count of rows and the first of them; what a cell says stands nowhere in the result.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from placet_shared.contracts.plan_document import ColumnName, Finite, PlanDocument
from placet_verification.checks.columns import columns_twice
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record

__all__ = ["KIND", "ColumnRules", "DataContractParameters"]

Found = Mapping[str, Any]
Category = Annotated[str, Field(max_length=200)]
_NO_NUMBERS = frozenset({"date", "text"})


class ColumnRules(Parameters):
    """The rules of one column; missing values are those of `nulls` alone."""

    column: Annotated[ColumnName, Field(description="an input or another column of the data, the label too")]
    type: Annotated[
        Literal["integer", "number", "date", "text"] | None,
        Field(description="of every value; a date is written as in ISO 8601; with a minimum or maximum, left out: number"),
    ] = None
    minimum: Annotated[Finite | None, Field(description="the least number")] = None
    maximum: Annotated[Finite | None, Field(description="the largest number")] = None
    nulls: Annotated[float | None, Field(ge=0, le=1, description="the largest share of missing values: empty texts, or NaN")] = None
    categories: Annotated[list[Category] | None, Field(min_length=1, max_length=1000, description="the only values")] = None
    unique: Annotated[bool, Field(description="no value occurs twice")] = False


class DataContractParameters(Parameters):
    """The rules, and how many rows there must be."""

    rules: Annotated[
        list[ColumnRules],
        Field(
            default_factory=list,
            max_length=500,
            description="by `column`: its `type` (integer, number, date, text), `minimum`, `maximum`, `nulls` (the largest share of "
            "missing values), `categories` (the only ones), `unique` (true)",
        ),
    ]
    minimum_rows: Annotated[int, Field(ge=1, le=10**9, description="with fewer the check is FAIL")] = 1


def judge(wanted: DataContractParameters, found: Found) -> Sequence[Record]:
    """One record for all rules, one for each that is broken."""
    few = found["n"] < wanted.minimum_rows
    rows = Record(
        status="FAIL" if few else "PASS", reason_code="too_few_rows" if few else None, metric="rows", value=float(found["n"]),
        comparator=">=", threshold=float(wanted.minimum_rows), n=found["n"],
    )  # fmt: skip
    broken = [record for rules in wanted.rules for record in _broken(rules, found)]
    if not wanted.rules:
        return [rows]
    head = Record(
        status="FAIL" if broken else "PASS", reason_code="contract_broken" if broken else None, metric="broken_rules",
        value=float(len(broken)), comparator="<=", threshold=0.0, n=found["n"], parameters={"columns": len(wanted.rules)},
    )  # fmt: skip
    return [rows, head, *broken]


def _broken(rules: ColumnRules, found: Found) -> Iterator[Record]:
    """A share of missing values may be allowed; of everything else one row is too many."""
    limits = {"minimum": rules.minimum, "maximum": rules.maximum, "nulls": rules.nulls}
    for rule, counted in found["columns"][rules.column].items():
        allowed = round((rules.nulls or 0.0) * found["n"], 6) if rule == "nulls" else 0
        if counted["count"] > allowed:
            parameters = {"count": counted["count"], "first_row": counted["first_row"]}
            yield Record(
                status="FAIL", reason_code=f"{rule}_broken", metric=rule, value=counted["count"] / found["n"], threshold=limits.get(rule),
                slice=rules.column, n=found["n"], parameters=parameters,
            )  # fmt: skip


def contradictions(wanted: DataContractParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Each column once, with a rule, and none that no value can keep."""
    yield from columns_twice("rules", [rules.column for rules in wanted.rules])
    for rules in wanted.rules:
        ranged = rules.minimum is not None or rules.maximum is not None
        if not (ranged or rules.unique) and (rules.type, rules.nulls, rules.categories) == (None, None, None):
            yield "rules", rules.column, "a column with a rule: type, minimum, maximum, nulls, categories or unique"
        if rules.minimum is not None and rules.maximum is not None and rules.minimum > rules.maximum:
            yield "rules", rules.column, "a minimum that is at most the maximum"
        if ranged and rules.type in _NO_NUMBERS:
            yield "rules", rules.column, "a minimum or maximum of numbers only"


def columns(wanted: DataContractParameters) -> Sequence[str]:
    """Those that have rules."""
    return [rules.column for rules in wanted.rules]


KIND = CheckKind(
    name="data_contract",
    version=1,
    purpose="The columns of the evaluation data keep the rules that were agreed. No further inference.",
    parameters=DataContractParameters,
    measure="placet_verification.adapters.evaluation.measures.data_contract:measure",
    judge=judge,
    columns=columns,
    contradictions=contradictions,
)
