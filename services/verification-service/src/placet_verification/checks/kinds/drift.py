"""No column, nor the prediction, lies further from the reference than the stated effect size, and no classifier tells the rows apart."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import ColumnName, PlanDocument
from placet_verification.checks.columns import columns_twice, not_inputs
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "DriftParameters"]


class DriftParameters(Parameters):
    """What is compared with the reference, and from which effect size on it is drift."""

    columns: Annotated[tuple[ColumnName, ...] | None, Field(min_length=1, description="of the model's inputs; left out: all of them")] = (
        None
    )
    prediction: Annotated[bool, Field(description="compare the model's predictions for both")] = True
    classifier: Annotated[bool, Field(description="let a classifier try to tell the rows of both apart")] = True
    warn: Annotated[float, Field(gt=0, description="population stability index (PSI) above which a column is WARN")] = 0.10
    fail: Annotated[float, Field(gt=0, description="PSI above which a column is FAIL")] = 0.25
    classifier_warn: Annotated[float, Field(gt=0.5, le=1, description="AUC of the classifier above which it is WARN")] = 0.60
    classifier_fail: Annotated[float, Field(gt=0.5, le=1, description="AUC of the classifier above which it is FAIL")] = 0.75
    minimum_rows: Annotated[int, Field(ge=1, description="fewer rows, of either, are not judged")] = 200


def judge(wanted: DriftParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """A record for each column, for the prediction and for the classifier; `baseline_value` is what chance alone gives."""
    if min(found["n"], found["n_reference"]) < wanted.minimum_rows:
        facts = {"rows_of_reference": found["n_reference"]}
        return [Record(status="INSUFFICIENT_DATA", reason_code="too_few_rows", n=found["n"], seed=found["seed"], parameters=facts)]
    compared = [_of_column(wanted, found, one) for one in found["columns"]]
    return [*compared, _of_classifier(wanted, found)] if wanted.classifier else compared


def _of_column(wanted: DriftParameters, found: Mapping[str, Any], one: Mapping[str, Any]) -> Record:
    status, reason = _verdict(wanted, one)
    named = ("kolmogorov_smirnov", "wasserstein", "jensen_shannon", "histogram")
    return Record(
        status=status,
        reason_code=reason,
        metric="psi",
        value=None if one["psi"] is None else float(one["psi"]),
        comparator="<=",
        threshold=wanted.fail,
        baseline_value=float(one["by_chance"]),
        slice=one["name"],
        n=found["n"],
        method="psi",
        seed=found["seed"],
        parameters={**found["parameters"], "warn": wanted.warn, **{name: one[name] for name in named if name in one}},
        counts=status != "INSUFFICIENT_DATA",
    )


def _verdict(wanted: DriftParameters, one: Mapping[str, Any]) -> tuple[Status, str | None]:
    """A column of so many categories that chance alone moves it is listed, and decides nothing."""
    if one["psi"] is None:
        return "INSUFFICIENT_DATA", "not_defined"
    if one["by_chance"] > wanted.warn:
        return "INSUFFICIENT_DATA", "too_few_rows_for_categories"
    if one["psi"] > wanted.fail:
        return "FAIL", "drifted"
    return ("WARN", "drifting") if one["psi"] > wanted.warn else ("PASS", None)


def _of_classifier(wanted: DriftParameters, found: Mapping[str, Any]) -> Record:
    one = found["classifier"]
    common: dict[str, Any] = {"metric": "two_sample_auc", "slice": "two-sample classifier", "seed": found["seed"]}
    if one is None:
        return Record(status="NOT_APPLICABLE", reason_code="no_column_to_compare", counts=False, **common)
    status, reason = _verdict_on_classifier(wanted, one)
    return Record(
        status=status,
        reason_code=reason,
        value=float(one["auc"]),
        ci=(float(one["ci"][0]), float(one["ci"][1])),
        comparator="<=",
        threshold=wanted.classifier_fail,
        baseline_value=0.5,
        n=one["n"],
        method="logistic_regression_two_folds",
        parameters={**found["parameters"], "warn": wanted.classifier_warn, **one["parameters"]},
        **common,
    )


def _verdict_on_classifier(wanted: DriftParameters, one: Mapping[str, Any]) -> tuple[Status, str | None]:
    """The classifier tells the rows apart where its interval excludes one half."""
    if one["auc"] <= wanted.classifier_warn:
        return "PASS", None
    if one["ci"][0] <= 0.5:
        return "WARN", "inconclusive"
    return ("FAIL", "drifted") if one["auc"] > wanted.classifier_fail else ("WARN", "drifting")


def contradictions(wanted: DriftParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Columns of the inputs, each once, and thresholds in order."""
    yield from not_inputs("columns", wanted.columns or (), plan)
    yield from columns_twice("columns", wanted.columns or ())
    if wanted.warn >= wanted.fail:
        yield "warn", wanted.warn, "less than `fail`"
    if wanted.classifier_warn >= wanted.classifier_fail:
        yield "classifier_warn", wanted.classifier_warn, "less than `classifier_fail`"


KIND = CheckKind(
    name="drift",
    version=1,
    purpose="No column, nor the prediction, lies further from the reference data than the stated effect size, and no classifier tells the "
    "rows apart. One run of the model on at most 20,000 rows of the reference.",
    parameters=DriftParameters,
    measure="placet_verification.adapters.evaluation.measures.drift:measure",
    judge=judge,
    needs=frozenset({"reference"}),
    contradictions=contradictions,
)
