"""No single input knows the target: one that separates the classes nearly by itself holds what is unknown when the model is used.

A column fails where it alone reaches an AUC, or for a regression an R², above the threshold on the evaluation data.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import ColumnName, PlanDocument
from placet_verification.checks.columns import columns_twice, not_inputs
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record

__all__ = ["KIND", "LeakageParameters"]

Found = Mapping[str, Any]
LISTED = 20


class LeakageParameters(Parameters):
    """How much one column may tell, and which may tell more."""

    threshold: Annotated[float, Field(gt=0.5, le=1, description="of a column's AUC, or of its R² for a regression")] = 0.98
    allow: Annotated[
        list[ColumnName], Field(default_factory=list, max_length=100, description="inputs that are known to tell so much, and rightly")
    ]
    minimum_rows: Annotated[int, Field(ge=2, le=10**6, description="with fewer the check is INSUFFICIENT_DATA")] = 100
    minimum_per_class: Annotated[int, Field(ge=1, le=10**6, description="of a binary task")] = 10


def judge(wanted: LeakageParameters, found: Found) -> Sequence[Record]:
    """One record for the strongest column, one for each that fails; the next ones are in `parameters`."""
    strength = {part["column"]: part["value"] for part in found["columns"] if part["value"] is not None}
    judged = sorted((name for name in strength if name not in wanted.allow), key=lambda name: (-strength[name], name))
    facts: dict[str, Any] = {"metric": found["metric"], "comparator": "<=", "threshold": wanted.threshold, "n": found["n"]}
    facts |= {"n_positive": found["n_positive"], "seed": found["seed"], "method": "single_column"}
    strongest = [{"column": name, "value": strength[name]} for name in judged[:LISTED]]
    parameters = {"rows": found["rows"], "columns": len(found["columns"]), "strongest": strongest, "allow": wanted.allow}
    lacking = _lacking(wanted, found, judged)
    if lacking:
        return [Record(status="INSUFFICIENT_DATA", reason_code=lacking, parameters=parameters, **facts)]
    leaks = [name for name in judged if strength[name] > wanted.threshold]
    reason = "column_tells_the_target" if leaks else None
    head = Record(status="FAIL" if leaks else "PASS", reason_code=reason, value=strength[judged[0]], parameters=parameters, **facts)
    return [head, *(Record(status="FAIL", reason_code=reason, value=strength[name], slice=name, **facts) for name in leaks)]


def _lacking(wanted: LeakageParameters, found: Found, judged: Sequence[str]) -> str | None:
    if found["rows"] < wanted.minimum_rows:
        return "too_few_rows"
    if found["n_positive"] is not None and found["smallest_class"] < wanted.minimum_per_class:
        return "too_few_of_a_class"
    return None if judged else "not_defined"


def contradictions(wanted: LeakageParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Only inputs can be allowed."""
    yield from columns_twice("allow", wanted.allow)
    yield from not_inputs("allow", wanted.allow, plan)


KIND = CheckKind(
    name="leakage",
    version=1,
    purpose="No input alone tells the target. No further inference; at most 20,000 rows.",
    parameters=LeakageParameters,
    measure="placet_verification.adapters.evaluation.measures.leakage:measure",
    judge=judge,
    contradictions=contradictions,
)
