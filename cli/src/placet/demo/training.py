"""Two models, really trained and exported to ONNX: a good one, and one that looks at a single column."""

from typing import Any

from placet.demo.insurance import FEATURES, People

__all__ = ["train_careful", "train_hasty"]

ROUNDS = 120


def train_careful(people: People, rounds: int = ROUNDS) -> bytes:
    """Gradient boosting on all columns."""
    from sklearn.ensemble import GradientBoostingClassifier

    return _onnx(GradientBoostingClassifier(n_estimators=rounds, max_depth=3, random_state=0).fit(people.features, people.sees_doctor))


def train_hasty(people: People) -> bytes:
    """A regression on "health is poor" alone, which is true for one person in seventy."""
    from sklearn.linear_model import LogisticRegression

    only_last = people.features.copy()
    only_last[:, :-1] = 0
    return _onnx(LogisticRegression().fit(only_last, people.sees_doctor))


def _onnx(model: Any) -> bytes:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    inputs = [("features", FloatTensorType([None, len(FEATURES)]))]
    exported: bytes = to_onnx(model, initial_types=inputs, options={id(model): {"zipmap": False}}).SerializeToString()
    return exported
