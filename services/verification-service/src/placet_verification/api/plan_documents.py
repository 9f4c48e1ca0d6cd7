"""Plan documents in YAML or JSON, parsed strictly; rules across fields are checked here, and every error names its line."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from placet_shared.contracts.plan_document import CheckDocument, PlanDocument
from placet_shared.strict_yaml import Path, document_error, parse_document, read_document
from placet_verification.domain.metrics import METRICS

__all__ = ["EXAMPLE", "read_plan"]

EXAMPLE = """\
kind: Plan
name: credit-default
environment: prod
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

_AT_LEAST = frozenset({">=", ">"})


def read_plan(text: str) -> dict[str, Any]:
    """The plan in its full form, defaults filled in; raises `Malformed` that names the line.

    JSON is read as the YAML that it is, so both have the same messages.
    """
    document = parse_document(text)
    plan = read_document(PlanDocument, document)
    for path, value, allowed in _contradictions(plan):
        raise document_error(document.line_of(path), ".".join(str(part) for part in path), value, allowed)
    return plan.model_dump(mode="json")


def _contradictions(plan: PlanDocument) -> Iterator[tuple[Path, Any, str]]:
    yield from _of_prediction(plan)
    for name, count in Counter(part.name for part in plan.inputs).items():
        if count > 1:
            yield ("inputs",), name, "each input of the model once"
    seen: set[str] = set()
    for place, check in enumerate(plan.checks):
        if check.id in seen:
            yield ("checks", place, "id"), check.id, "an id of its own for every check"
        seen.add(check.id)
        for field, value, allowed in _of_check(plan, check):
            yield ("checks", place, field), value, allowed


def _of_prediction(plan: PlanDocument) -> Iterator[tuple[Path, Any, str]]:
    classes, positive = plan.prediction.classes, plan.prediction.positive
    where = ("prediction", "classes")
    if plan.task == "regression" and (classes or positive or plan.prediction.labels):
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


def _of_check(plan: PlanDocument, check: CheckDocument) -> Iterator[tuple[str, Any, str]]:
    metric = METRICS.get(check.metric)
    if metric is None or plan.task not in metric.tasks:
        fitting = ", ".join(name for name, known in METRICS.items() if plan.task in known.tasks)
        yield "metric", check.metric, f"one of {fitting}"
        return
    at_least = check.comparator in _AT_LEAST
    if at_least != (metric.better == "higher"):
        yield "comparator", check.comparator, f"{'>= or >' if metric.better == 'higher' else '<= or <'}: {metric.better} is better"
    if check.warn is not None and (check.warn > check.threshold) != at_least:
        yield "warn", check.warn, "a stricter value than the threshold"
    if (check.metric == "top_k_accuracy") != (check.k is not None):
        yield "k", check.k, "given for top_k_accuracy, and only there"
    if check.k is not None and check.k >= len(plan.prediction.classes):
        yield "k", check.k, "less than the number of classes"
    if check.guard is not None and check.metric != "mape":
        yield "guard", check.guard, "given for mape only"
