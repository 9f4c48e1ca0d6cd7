"""The XGBoost engine: a booster on the processor, in one thread, from bytes that have passed the gate."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.gates.xgboost_file import MULTICLASS
from placet_verification.adapters.evaluation.sessions.one_matrix import OneMatrix, of_positive, refuse_other_columns
from placet_verification.adapters.evaluation.sessions.session import Session, failure

__all__ = ["open_session", "versions"]


def open_session(raw: bytes, plan: Mapping[str, Any]) -> Session:
    """The probability of the positive class, probabilities of all classes, or the value."""
    try:
        booster = xgboost.Booster({"nthread": 1, "device": "cpu", "verbosity": 0})
        booster.load_model(bytearray(raw))
        learner = json.loads(booster.save_config())["learner"]
    except xgboost.core.XGBoostError as error:
        raise failure(error, "not_runnable") from error
    refuse_other_columns(plan, booster.feature_names)
    objective = learner["objective"]["name"]
    decides = objective == "multi:softmax"  # its value is the class, its margins are those of the probabilities

    def predict(matrix: NDArray[Any]) -> NDArray[Any]:
        try:
            answer = booster.inplace_predict(matrix, predict_type="margin" if decides else "value", validate_features=False)
        except xgboost.core.XGBoostError as error:
            raise failure(error, "prediction_failed") from error
        return _softmax(np.asarray(answer)) if decides else of_positive(np.asarray(answer), plan)

    return OneMatrix(predict, booster.num_features(), int(learner["learner_model_param"]["num_class"]) if objective in MULTICLASS else None)


def _softmax(margins: NDArray[Any]) -> NDArray[Any]:
    weights = np.exp(margins - margins.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def versions() -> dict[str, str]:
    """Of the library that runs these models."""
    return {"xgboost": xgboost.__version__}
