"""Boosted trees for tests, trained by their libraries on a few rows; and the same after a change."""

import json
import re
from collections.abc import Callable
from typing import Any

import lightgbm
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


def lightgbm_trained(objective: str = "binary", *, rounds: int = 3, categories: bool = False, **parameters: Any) -> lightgbm.Booster:
    """A LightGBM model of the columns a and b, the second one of categories if so."""
    several = {"num_class": 3} if objective.startswith("multi") else {}
    few = {"num_leaves": 5, "min_data_in_leaf": 5, "num_threads": 1, "verbose": -1}
    truth = YES if objective == "cross_entropy" else truth_for(objective)
    rows = of_categories() if categories else ROWS
    categorical: Any = ["b"] if categories else "auto"
    few |= {"min_data_per_group": 5, "cat_smooth": 1} if categories else {}
    data = lightgbm.Dataset(rows, truth, feature_name=NAMES, categorical_feature=categorical)
    return lightgbm.train({"objective": objective, **few, **several, **parameters}, data, rounds)


def of_categories() -> NDArray[np.float32]:
    """The rows, with a category from 0 to 51 as the second column, which is even or odd as the truth is."""
    rows = ROWS.copy()
    rows[:, 1] = 10 * (np.arange(N) % 6) + YES
    return rows


def lightgbm_text(objective: str = "binary", **parameters: Any) -> bytes:
    """As `save_model` writes it."""
    return bytes(lightgbm_trained(objective, **parameters).model_to_string().encode())


def changed_text(raw: bytes, old: str, new: str) -> bytes:
    """A LightGBM file after the first place where a line is `old` has become `new`, and the sizes of its trees fit again."""
    lines = raw.decode().split("\n")
    lines[next(place for place, line in enumerate(lines) if re.fullmatch(old, line))] = new
    text = "\n".join(lines)
    trees = re.findall(r"(?s)Tree=.*?\n\n\n", text)
    sizes = " ".join(str(len(tree.encode())) for tree in trees)
    return re.sub(r"tree_sizes=[\d ]*", f"tree_sizes={sizes}", text, count=1).encode()
