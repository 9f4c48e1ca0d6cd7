"""Boosted trees for tests, trained by their libraries on a few rows; and the same after a change."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

Document = dict[str, Any]
Change = Callable[[Document], object]

N = 200
ROWS: NDArray[np.float32] = np.random.default_rng(5).normal(size=(N, 2)).astype(np.float32)
YES: NDArray[np.int64] = (ROWS[:, 0] + 0.4 * ROWS[:, 1] > 0).astype(np.int64)
THREE: NDArray[np.int64] = np.digitize(ROWS[:, 0] - ROWS[:, 1], [-0.7, 0.7])
POSITIVE: NDArray[np.float32] = np.abs(ROWS[:, 0]) + np.float32(0.1)
NAMES = ["a", "b"]


def truth_for(objective: str) -> NDArray[Any]:
    """Labels that this objective can be trained for."""
    if objective.startswith("multi"):
        return THREE
    return YES if objective in ("binary:logistic", "reg:logistic", "binary") else POSITIVE


def trained(objective: str = "binary:logistic", *, rounds: int = 3, names: list[str] | None = NAMES, **parameters: Any) -> xgboost.Booster:
    """An XGBoost model of the columns a and b."""
    several = {"num_class": 3} if objective.startswith("multi") else {}
    data = xgboost.DMatrix(ROWS, truth_for(objective), feature_names=names)
    return xgboost.train({"objective": objective, "max_depth": 3, "nthread": 1, **several, **parameters}, data, rounds)


def xgboost_json(objective: str = "binary:logistic", **parameters: Any) -> bytes:
    """As `save_model` writes it to a .json file."""
    return bytes(trained(objective, **parameters).save_raw("json"))


def xgboost_ubj(objective: str = "binary:logistic", **parameters: Any) -> bytes:
    """As `save_model` writes it to a .ubj file."""
    return bytes(trained(objective, **parameters).save_raw("ubj"))


def changed_json(change: Change, raw: bytes | None = None) -> bytes:
    """An honest file after one change of its document."""
    document = json.loads(raw or xgboost_json())
    change(document)
    return json.dumps(document).encode()


def in_ubj(document: Any) -> bytes:
    """As XGBoost writes a document, except that arrays have no common type."""
    if isinstance(document, dict):
        return b"{" + b"".join(_text(name) + in_ubj(value) for name, value in document.items()) + b"}"
    if isinstance(document, list):
        return b"[#" + _length(len(document)) + b"".join(in_ubj(value) for value in document)
    if isinstance(document, str):
        return b"S" + _text(document)
    if isinstance(document, float):
        return b"d" + np.array(document, dtype=">f4").tobytes()
    return _length(document)


def _text(text: str) -> bytes:
    return _length(len(text.encode())) + text.encode()


def _length(number: int) -> bytes:
    return b"L" + number.to_bytes(8, "big", signed=True)
