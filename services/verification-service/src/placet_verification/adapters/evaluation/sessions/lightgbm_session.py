"""The LightGBM engine: a booster in one thread, from text that has passed the gate."""

import re
from collections.abc import Mapping
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.sessions.one_matrix import OneMatrix, of_positive, refuse_other_columns
from placet_verification.adapters.evaluation.sessions.session import Session, failure

__all__ = ["open_session", "versions"]


def open_session(raw: bytes, plan: Mapping[str, Any]) -> Session:
    """The probability of the positive class, probabilities of all classes, or the value."""
    try:
        booster = lightgbm.Booster(model_str=raw.decode())
        classes = booster.num_model_per_iteration()
    except (lightgbm.basic.LightGBMError, ValueError) as error:
        raise failure(error, "not_runnable") from error
    _refuse_other_columns(plan, booster.feature_name())

    def predict(matrix: NDArray[Any]) -> NDArray[Any]:
        numbers = matrix if matrix.dtype.kind == "f" else matrix.astype(np.float64)  # it would make float32 of whole numbers
        try:
            return of_positive(np.asarray(booster.predict(numbers, num_threads=1)), plan)
        except lightgbm.basic.LightGBMError as error:
            raise failure(error, "prediction_failed") from error

    return OneMatrix(predict, booster.num_feature(), classes if classes > 1 else None, "tensor(double)")


def _refuse_other_columns(plan: Mapping[str, Any], names: list[str]) -> None:
    """LightGBM writes a low line for a space, and names of its own where it was given none."""
    if names != [f"Column_{number}" for number in range(len(names))]:
        columns = [{"columns": [re.sub(r"\s", "_", column) for column in part["columns"]]} for part in plan["inputs"]]
        refuse_other_columns({"inputs": columns}, names)


def versions() -> dict[str, str]:
    """Of the library that runs these models."""
    return {"lightgbm": lightgbm.__version__}
