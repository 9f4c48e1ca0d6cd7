"""Where the model errs, as the leaves of a small decision tree: evidence, or, with a threshold, no leaf with a higher error rate.

With `worst_leaf` the check fails where the whole 95 % interval (Wilson) of a leaf's error rate lies above it, passes where no interval
reaches above it, and is WARN between.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import ColumnName, PlanDocument
from placet_verification.checks.columns import columns_twice, label_among
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "ErrorTreeParameters"]

Found = Mapping[str, Any]


class ErrorTreeParameters(Parameters):
    """Which columns split the rows, how deep, and whether the worst leaf is held against a threshold."""

    columns: Annotated[
        list[ColumnName],
        Field(default_factory=list, max_length=100, description="inputs or other columns of the data; left out: all inputs"),
    ]
    depth: Annotated[int, Field(ge=1, le=5, description="how many splits lead to a leaf")] = 3
    least_share: Annotated[float, Field(ge=0.001, le=0.5, description="of the rows, in a leaf")] = 0.02
    worst_leaf: Annotated[float | None, Field(gt=0, lt=1, description="the highest error rate of a leaf; left out: no verdict")] = None
    large_error: Annotated[
        float | None,
        Field(gt=0, description="of a regression: the absolute error from which on a row is wrong; left out: the largest tenth is"),
    ] = None
    minimum_rows: Annotated[int, Field(ge=1, le=10**6, description="with fewer the check is INSUFFICIENT_DATA")] = 100


def judge(wanted: ErrorTreeParameters, found: Found) -> Sequence[Record]:
    """One record for the worst leaf, and the leaves as a list."""
    compared = {} if wanted.worst_leaf is None else {"comparator": "<=", "threshold": wanted.worst_leaf}
    facts: dict[str, Any] = {"metric": "error_rate", "method": "gini_tree", "seed": found["seed"], **compared}
    parameters = {name: found[name] for name in ("errors", "large_error", "left_out")}
    head: dict[str, Any] = {"n": found["n"], "parameters": parameters, **facts}
    if found["n"] < wanted.minimum_rows:
        return [Record(status="INSUFFICIENT_DATA", reason_code="too_few_rows", **head)]
    if not found["leaves"]:
        return [Record(status="PASS", value=0.0, baseline_value=0.0, **head)]
    status, reason, decisive = _verdict(wanted, found["leaves"])
    value, rate = decisive["errors"] / decisive["n"], found["errors"] / found["n"]
    overall = Record(status=status, reason_code=reason, value=value, ci=_ci(decisive), baseline_value=rate, **head)
    return [overall, *(_leaf(leaf, rate, facts) for leaf in found["leaves"])]


def _verdict(wanted: ErrorTreeParameters, leaves: Sequence[Found]) -> tuple[Status, str | None, Found]:
    """With the leaf that it is by: that of the highest rate where none is surely too high."""
    if wanted.worst_leaf is None:
        return "PASS", None, leaves[0]
    for leaf in leaves:
        if leaf["ci"][0] > wanted.worst_leaf:
            return "FAIL", "worst_leaf_above_threshold", leaf
    for leaf in leaves:
        if leaf["ci"][1] > wanted.worst_leaf:
            return "WARN", "inconclusive", leaf
    return "PASS", None, leaves[0]


def _leaf(leaf: Found, rate: float, facts: Found) -> Record:
    parameters = {"errors": leaf["errors"], "share_of_errors": leaf["share_of_errors"], "path": leaf["path"]}
    return Record(
        status="PASS", value=leaf["errors"] / leaf["n"], ci=_ci(leaf), baseline_value=rate, slice=", ".join(leaf["path"]) or "all rows",
        n=leaf["n"], parameters=parameters, counts=False, **facts,
    )  # fmt: skip


def _ci(leaf: Found) -> tuple[float, float]:
    return float(leaf["ci"][0]), float(leaf["ci"][1])


def contradictions(wanted: ErrorTreeParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """What a large error is, is asked of a regression only."""
    yield from columns_twice("columns", wanted.columns)
    yield from label_among("columns", wanted.columns, plan)
    if wanted.large_error is not None and plan.task != "regression":
        yield "large_error", wanted.large_error, "given for a regression only"


def columns(wanted: ErrorTreeParameters) -> Sequence[str]:
    """Those that are named."""
    return wanted.columns


KIND = CheckKind(
    name="error_tree",
    version=1,
    purpose="Where the model errs, by a small decision tree; the worst leaf is below a threshold if one is given. No further inference.",
    parameters=ErrorTreeParameters,
    measure="placet_verification.adapters.evaluation.measures.error_tree:measure",
    judge=judge,
    columns=columns,
    contradictions=contradictions,
)
