"""The columns and classes that the parameters of checks name, held against the plan."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from placet_shared.contracts.plan_document import PlanDocument
from placet_verification.checks.kind import Contradiction

__all__ = ["class_of_task", "columns_twice", "input_columns", "label_among", "not_inputs"]


def input_columns(plan: PlanDocument) -> set[str]:
    """Those that an input of the model takes."""
    return {name for part in plan.inputs for name in part.columns}


def columns_twice(field: str, names: Sequence[str]) -> Iterator[Contradiction]:
    """Each may be named once."""
    yield from ((field, name, "each column once") for name, count in Counter(names).items() if count > 1)


def class_of_task(field: str, name: str | None, plan: PlanDocument, *, required: bool = False) -> Iterator[Contradiction]:
    """One of several classes, where the task has them; other tasks have one score, so that none is named."""
    classes = plan.prediction.classes if plan.prediction and plan.task == "multiclass" else []
    if name not in classes and (name is not None or (required and classes)):
        yield field, name, f"one of {', '.join(classes)}" if classes else "left out: the task has one score"


def label_among(field: str, names: Iterable[str], plan: PlanDocument) -> Iterator[Contradiction]:
    """The label is what is predicted, and no column to look at it by."""
    if plan.dataset and plan.dataset.label in names:
        yield field, plan.dataset.label, "a column other than the label"


def not_inputs(field: str, names: Iterable[str], plan: PlanDocument) -> Iterator[Contradiction]:
    """Only columns that the model takes."""
    yield from ((field, name, "a column that an input of the model takes") for name in names if name not in input_columns(plan))
