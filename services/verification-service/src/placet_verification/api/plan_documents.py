"""Plan documents in YAML or JSON, parsed strictly; rules across fields are checked here, and every error names its line."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from placet_shared.contracts.plan_document import CheckDocument, ExplanationDocument, PlanDocument, PredictionDocument
from placet_shared.near_names import one_of
from placet_shared.strict_yaml import Document, Path, document_error, parse_document, read_document, refused_fields
from placet_verification.checks import Parameters, check_kinds
from placet_verification.checks.columns import columns_twice, not_inputs
from placet_verification.checks.kind import Contradiction
from placet_verification.domain.canonical import canonical

__all__ = ["EXAMPLE", "read_plan"]

EXAMPLE = """\
kind: Plan
name: credit-default
environments: [prod]
for:                         # the models that it is for; left out: every model
  models: [credit-default]   # names, ids, or names with * in them
task: binary                 # binary | multiclass | regression
dataset:
  sha256: 6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090
  label: defaulted           # the column with the truth
inputs:
  - name: X                  # the model's input, [rows, columns]
    columns: [age, income, debt]
prediction:
  scores: probabilities      # the model's output
  classes: [0, 1]            # labels as the data set has them, in the order of the output's columns
  positive: 1
checks:
  - id: auc
    metric: roc_auc
    comparator: ">="
    threshold: 0.80
  - id: calibration
    metric: brier
    comparator: "<="
    threshold: 0.20
    severity: advisory
"""

_OF_A_RUN = ("task", "dataset", "inputs", "prediction")


def read_plan(text: str) -> dict[str, Any]:
    """The plan in its full form, defaults filled in; raises `Malformed` that names the line.

    JSON is read as the YAML that it is, so both have the same messages.
    """
    document = parse_document(text)
    plan = read_document(PlanDocument, document)
    for path, value, allowed in _contradictions(plan):
        raise document_error(document.line_of(path), ".".join(str(part) for part in path), value, allowed)
    parameters = [_read_parameters(document, plan, place) for place in range(len(plan.checks))]
    checks = [_in_full(check, found) for check, found in zip(plan.checks, parameters, strict=True)]
    return {**plan.full_form(), "checks": checks}


def _in_full(check: CheckDocument, parameters: Parameters) -> dict[str, Any]:
    return {"id": check.id, "check": check.check, "severity": check.severity, **parameters.model_dump(mode="json", by_alias=True)}


def _read_parameters(document: Document, plan: PlanDocument, place: int) -> Parameters:
    """A check's parameters in the form of its kind, which the plan does not contradict."""
    check, path = plan.checks[place], ("checks", place)
    kind = check_kinds()[check.check]
    try:
        parameters: Parameters = kind.parameters.model_validate(check.parameters)
    except ValidationError as error:
        raise refused_fields(document, error, kind.parameters, path, list(CheckDocument.model_fields)) from error
    for field, value, allowed in (*_without_digest(parameters), *kind.contradictions(parameters, plan)):
        raise document_error(document.line_of((*path, field)), f"checks.{place}.{field}", value, allowed)
    return parameters


def _without_digest(parameters: Parameters) -> Iterator[Contradiction]:
    """What canonical JSON can't hold, whatever the kind says of its parameters: a plan is known by its digest."""
    for field, value in parameters.model_dump(mode="json", by_alias=True).items():
        try:
            canonical(value)
        except ValueError:
            yield field, str(value), "finite numbers, and integers of at most 2**53"


def _contradictions(plan: PlanDocument) -> Iterator[tuple[Path, Any, str]]:
    given = [name for name in _OF_A_RUN if getattr(plan, name)]
    if given and len(given) < len(_OF_A_RUN):
        missing = next(name for name in _OF_A_RUN if name not in given)
        yield (given[0],), None, f"given together with {missing}, or all four left out: a plan that does not run the model"
    if not given and (plan.training or plan.reference):
        yield ("training" if plan.training else "reference",), None, "left out as `dataset` is"
    if plan.explanation:
        yield from _of_explanation(plan, plan.explanation)
    if plan.prediction:
        yield from _of_prediction(plan, plan.prediction)
    for what in ("dataset", "training", "reference"):
        data = getattr(plan, what)
        if what != "dataset" and data and not data.name and not data.sha256:
            yield (what,), None, "named by `sha256`, or by the `name` of a data set in the registry"
    for environment, count in Counter(plan.environments).items():
        if count > 1:
            yield ("environments",), environment, "each environment once"
    for name, count in Counter(part.name for part in plan.inputs).items():
        if count > 1:
            yield ("inputs",), name, "each input of the model once"
    seen: set[str] = set()
    for place, check in enumerate(plan.checks):
        if check.id in seen:
            yield ("checks", place, "id"), check.id, "an id of its own for every check"
        seen.add(check.id)
        kind = check_kinds().get(check.check)
        if kind is None:
            yield ("checks", place, "check"), check.check, one_of(check.check, check_kinds())
        elif lacking := [need for need in ("training", "reference") if need in kind.needs and not getattr(plan, need)]:
            yield ("checks", place, "check"), check.check, f"a plan with `{lacking[0]}` data for this check"
        elif kind.runs_the_model and not given:
            yield ("checks", place, "check"), check.check, "a check that does not run the model: the plan has no `dataset`"


def _of_explanation(plan: PlanDocument, explanation: ExplanationDocument) -> Iterator[tuple[Path, Any, str]]:
    where = ("explanation", "immutable")
    if not plan.inputs:
        yield ("explanation",), None, "left out as `dataset` is"
    for _, value, allowed in (*columns_twice("", explanation.immutable), *not_inputs("", explanation.immutable, plan)):
        yield where, value, allowed


def _of_prediction(plan: PlanDocument, prediction: PredictionDocument) -> Iterator[tuple[Path, Any, str]]:
    classes, positive = prediction.classes, prediction.positive
    where = ("prediction", "classes")
    if plan.task == "regression" and (classes or positive or prediction.labels):
        yield where, len(classes), "no classes, no positive class and no labels: a regression predicts a number"
    if plan.task == "binary" and len(classes) != 2:
        yield where, len(classes), "the two classes, in the order of the scores' columns"
    if plan.task == "multiclass" and len(classes) < 3:
        yield where, len(classes), "three classes or more; with two the task is binary"
    if len(set(classes)) != len(classes):
        yield where, None, "each class once"
    if plan.task == "binary" and positive not in classes:
        yield ("prediction", "positive"), positive, "one of the two classes"
    if plan.task == "multiclass" and positive is not None:
        yield ("prediction", "positive"), positive, "nothing: only a binary task has a positive class"
