"""The model predicts the same again, and in batches of another size or row by row: every decision, and every score within the tolerance."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_verification.checks.kind import CheckKind, Parameters
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "ReproducibleParameters"]


class ReproducibleParameters(Parameters):
    """How far apart scores may be that are the same."""

    tolerance: Annotated[
        float, Field(ge=0, allow_inf_nan=False, description="most difference of a score, relative to it where it is larger than 1")
    ] = 1e-5


def judge(wanted: ReproducibleParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """A record for each way of predicting again."""
    return [_record(wanted, name, found[name], found["n"]) for name in ("again", "other_batch_size")]


def _record(wanted: ReproducibleParameters, name: str, counted: Mapping[str, Any] | None, n: int) -> Record:
    if counted is None:
        return Record(status="NOT_APPLICABLE", slice=name, reason_code="fixed_batch_size", method="predicted_twice", n=n)
    status, reason = _verdict(counted)
    return Record(
        status=status,
        reason_code=reason,
        metric="rows_that_differ",
        value=float(counted["rows"] / n),
        comparator="<=",
        threshold=0.0,
        slice=name,
        n=n,
        method="predicted_twice",
        parameters={**counted, "tolerance": wanted.tolerance},
    )


def _verdict(counted: Mapping[str, Any]) -> tuple[Status, str | None]:
    if counted["decisions"]:
        return "FAIL", "decisions_differ"
    return ("FAIL", "scores_differ") if counted["rows"] else ("PASS", None)


KIND = CheckKind(
    name="reproducible",
    version=1,
    purpose="Predicting the same rows twice, and in batches of another size with twenty rows alone, gives the same decisions and, within a "
    "tolerance, the same scores. Two passes of inference over at most 20,000 rows, the first ones.",
    parameters=ReproducibleParameters,
    measure="placet_verification.adapters.evaluation.measures.reproducible:measure",
    judge=judge,
)
