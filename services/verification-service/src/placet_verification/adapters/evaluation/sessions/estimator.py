"""A fitted scikit-learn estimator as a session, however it was loaded."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.sessions.one_matrix import OneMatrix, of_positive, refuse_other_columns
from placet_verification.adapters.evaluation.sessions.session import Session, failure

__all__ = ["session_of"]


def session_of(estimator: Any, plan: Mapping[str, Any]) -> Session:
    """Probabilities of the plan's classes, or the value; raises `Refused` for an object that has neither."""
    try:
        features = int(estimator.n_features_in_)
        names = getattr(estimator, "feature_names_in_", None)
        classes = [_as_written(one) for one in estimator.classes_] if hasattr(estimator, "classes_") else None
        answer = estimator.predict if classes is None else estimator.predict_proba
    except Exception as error:  # its state is the file's, and so is what asking for it raises
        raise failure(error, "not_runnable") from error
    refuse_other_columns(plan, None if names is None else [str(name) for name in names])
    wanted = plan["prediction"]["classes"] if plan["prediction"] else None
    if classes is not None and wanted and wanted != classes:
        raise Refused("signature_mismatch", what="classes", expected=", ".join(wanted), found=", ".join(classes))
    return OneMatrix(_quietly(answer, plan), features, None if classes is None else len(classes), "tensor(double)")


def _quietly(answer: Callable[[NDArray[Any]], Any], plan: Mapping[str, Any]) -> Callable[[NDArray[Any]], Any]:
    def predict(matrix: NDArray[Any]) -> NDArray[Any]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that a matrix has no names, for one
                return of_positive(np.asarray(answer(matrix)), plan)
        except Exception as error:  # whatever the objects of the file raise
            raise failure(error, "prediction_failed") from error

    return predict


def _as_written(value: Any) -> str:
    plain = value.item() if isinstance(value, np.generic) else value
    return str(int(plain)) if isinstance(plain, float) and plain.is_integer() else str(plain)
