"""A model's outputs in one form: scores as float64, decisions as class numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["labels_of", "scores_of"]


def scores_of(answer: Any, rows: int, plan: Mapping[str, Any]) -> NDArray[np.float64]:
    """[rows] of the positive class or of the regression, else [rows, classes]; raises `Refused`."""
    classes = plan["prediction"]["classes"]
    scores = _matrix(answer, rows, classes)
    if plan["task"] == "binary" and scores.shape[1] == 2:
        scores = scores[:, [classes.index(plan["prediction"]["positive"])]]
    width = len(classes) if plan["task"] == "multiclass" else 1
    if scores.shape != (rows, width):
        raise Refused("signature_mismatch", output=plan["prediction"]["scores"], expected=f"[rows, {width}]", found=str(scores.shape))
    if not np.isfinite(scores).all():
        raise Refused("prediction_not_finite", output=plan["prediction"]["scores"])
    return scores if plan["task"] == "multiclass" else scores[:, 0]


def _matrix(answer: Any, rows: int, classes: Sequence[str]) -> NDArray[np.float64]:
    try:
        if isinstance(answer, list):  # a sequence of maps from class to probability, the output of ZipMap
            answer = [[row[name] for name in classes] for row in ({str(key): value for key, value in row.items()} for row in answer)]
        matrix = np.asarray(answer, dtype=np.float64)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Refused("signature_mismatch", expected="numbers, one column or one map entry a class", found=type(answer).__name__) from error
    if matrix.ndim == 1:
        matrix = matrix[:, None]
    if matrix.ndim != 2 or len(matrix) != rows:
        raise Refused("signature_mismatch", expected=f"{rows} rows", found=str(matrix.shape))
    return matrix


def labels_of(answer: Any, rows: int, classes: Sequence[str]) -> NDArray[np.int64]:
    """The model's own decisions; raises `Refused` for one that is no class of the plan."""
    flat = np.asarray(answer).reshape(-1)
    numbers = {name: number for number, name in enumerate(classes)}
    names = [_as_written(value) for value in flat.tolist()]
    if len(names) != rows or any(name not in numbers for name in names):
        raise Refused("signature_mismatch", expected="one of the plan's classes for each row", found="another label")
    return np.array([numbers[name] for name in names], dtype=np.int64)


def _as_written(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
