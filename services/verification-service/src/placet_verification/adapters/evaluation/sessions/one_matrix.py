"""A model that takes one matrix of numbers and gives one output, neither of which has a name: boosted trees, scikit-learn's estimators."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.sessions.session import Argument

__all__ = ["OneMatrix", "of_positive", "refuse_other_columns"]

NUMBERS = ("tensor(float)", "tensor(double)", "tensor(int32)", "tensor(int64)", "tensor(bool)")


@dataclass(frozen=True, slots=True)
class OneMatrix:
    """`predict` answers for [rows, features]: one number a row, or one a class where there are `classes`."""

    predict: Callable[[NDArray[Any]], Any]
    features: int
    classes: int | None
    output: str = "tensor(float)"

    @property
    def inputs(self) -> Sequence[Argument]:
        return [Argument(None, NUMBERS, [None, self.features])]

    @property
    def outputs(self) -> Sequence[Argument]:
        return [Argument(None, [self.output], [None] if self.classes is None else [None, self.classes])]

    def run(self, outputs: Sequence[str], batch: Mapping[str, Any]) -> list[Any]:
        [matrix] = batch.values()
        return [self.predict(matrix)]


def of_positive(answer: NDArray[Any], plan: Mapping[str, Any]) -> NDArray[Any]:
    """What a plan means by a score: one number a row is the probability of the second class, and a plan may call the first one positive."""
    prediction = plan["prediction"]
    if plan["task"] == "binary" and answer.ndim == 1 and prediction["positive"] == prediction["classes"][0]:
        return np.asarray(1 - answer)
    return answer


def refuse_other_columns(plan: Mapping[str, Any], names: Sequence[str] | None) -> None:
    """Raise `Refused` where the model names its features and the plan's columns are others, or have another order."""
    columns = [column for part in plan["inputs"] for column in part["columns"]]
    if columns and names and list(names) != columns:
        place = next((place for place, (a, b) in enumerate(zip(names, columns, strict=False)) if a != b), min(len(names), len(columns)))
        expected, found = (", ".join(part[place : place + 3]) or "no more" for part in (columns, list(names)))
        raise Refused("signature_mismatch", what="features", place=place + 1, expected=expected, found=found)
