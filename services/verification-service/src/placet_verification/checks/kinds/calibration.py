"""Predicted probabilities are the frequencies that occur: the expected calibration error is at most its threshold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import PlanDocument
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "CalibrationParameters"]

MOST = 2**31 - 1


class CalibrationParameters(Parameters):
    """A threshold for each of three measures; one without a threshold is listed and decides nothing."""

    ece: Annotated[float | None, Field(ge=0, le=1, description="most expected calibration error, the mean gap over all rows")] = 0.10
    mce: Annotated[
        float | None,
        Field(ge=0, le=1, description="most gap of a bin; FAIL only where the bin's interval excludes what was predicted, else WARN"),
    ] = None
    brier: Annotated[float | None, Field(ge=0, le=2, description="most Brier score; of several classes the sum over all of them")] = None
    bins: Annotated[int, Field(ge=2, le=100, description="of equal width")] = 10
    minimum_rows: Annotated[int, Field(ge=1, le=MOST, description="with fewer the check is INSUFFICIENT_DATA")] = 100


def judge(wanted: CalibrationParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """A record each for `ece`, which has the curve, `mce` and `brier`."""
    verdicts = {
        "ece": _at_most(found["ece"], wanted.ece),
        "mce": _of_bins(found["curve"], wanted.mce),
        "brier": _at_most(found["brier"], wanted.brier),
    }
    few = "too_few_rows" if found["n"] < wanted.minimum_rows else found["reason_code"]
    insufficient: tuple[Status, str | None] = ("INSUFFICIENT_DATA", few)
    return [_record(wanted, found, measure, *(insufficient if few else verdict)) for measure, verdict in verdicts.items()]


def _record(wanted: CalibrationParameters, found: Mapping[str, Any], measure: str, status: Status, reason: str | None) -> Record:
    threshold = getattr(wanted, measure)
    return Record(
        status=status,
        reason_code=reason,
        metric=measure,
        value=found[measure],
        comparator=None if threshold is None else "<=",
        threshold=threshold,
        slice=measure,
        n=found["n"],
        n_positive=found["n_positive"],
        method=found["method"],
        parameters={"bins": wanted.bins, "curve": found["curve"]} if measure == "ece" else {},
        counts=threshold is not None,
    )


def _at_most(value: float | None, threshold: float | None) -> tuple[Status, str | None]:
    return ("FAIL", "threshold_missed") if value is not None and threshold is not None and value > threshold else ("PASS", None)


def _of_bins(curve: Sequence[Mapping[str, Any]], threshold: float | None) -> tuple[Status, str | None]:
    """A bin with few rows has a wide gap by chance."""
    if threshold is None:
        return "PASS", None
    known = [part for part in curve if part["n"]]
    wide = [part for part in known if abs(part["share"] - part["mean_probability"]) > threshold]
    if any(not part["ci"][0] <= part["mean_probability"] <= part["ci"][1] for part in wide):
        return "FAIL", "threshold_missed"
    return ("WARN", "inconclusive") if wide else ("PASS", None)


def contradictions(wanted: CalibrationParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Only classes have probabilities, and something must be asked for."""
    if plan.task == "regression":
        yield "check", "calibration", "a check of a binary or multiclass task: a regression predicts no probabilities"
    if wanted.ece is None and wanted.mce is None and wanted.brier is None:
        yield "ece", None, "a threshold for at least one of ece, mce, brier"


KIND = CheckKind(
    name="calibration",
    version=1,
    purpose="Rows predicted with a probability have that share of positives: expected and maximum calibration error and Brier score are at "
    "most their thresholds. Of several classes the most probable one is held against the truth. No pass of inference of its own.",
    parameters=CalibrationParameters,
    measure="placet_verification.adapters.evaluation.measures.calibration:measure",
    judge=judge,
    contradictions=contradictions,
)
