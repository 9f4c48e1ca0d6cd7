"""Rows and models with planted effects, measured and judged."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.checks import conclude
from placet_verification.domain.result import Evaluation, Result

from .. import builders, onnx_models

RANDOM = np.random.default_rng(2)
N = 2000
FEATURES = RANDOM.normal(size=(N, 2)).round(3)
CHANCE = 1 / (1 + np.exp(-(2 * FEATURES[:, 0] - FEATURES[:, 1])))
LABELS = (RANDOM.random(N) < CHANCE).astype(int)
TRUE_MODEL = onnx_models.logistic([2.0, -1.0], 0.0)
"""It gives the chances that the labels were drawn by."""
WRONG_MODEL = onnx_models.logistic([-1.0, 2.0], 0.0)


def rows(labels: NDArray[Any] | list[str] = LABELS, **further: Any) -> bytes:
    """The features, these labels, and columns that no input of the model takes."""
    return builders.csv({"a": FEATURES[:, 0], "b": FEATURES[:, 1], "y": labels, **further})


async def tried(
    folder: Path, model: bytes, document: dict[str, Any], dataset: bytes | None = None, champion: bytes | None = None
) -> Result:
    """One run, measured and judged here."""
    trial = builders.trial(folder, model, rows() if dataset is None else dataset, document)
    found = builders.measured_here(trial if champion is None else builders.with_champion(trial, folder, champion))
    assert isinstance(found, Evaluation), found
    return conclude(document, {"plan_sha256": builders.SHA}, found)


def records(result: Result, check_id: str) -> list[Mapping[str, Any]]:
    return [record for record in result.report["checks"] if record["check_id"] == check_id]


def multiclass(*checks: Mapping[str, Any]) -> dict[str, Any]:
    """A plan for the classes x, y and z."""
    return builders.plan(task="multiclass", prediction={"scores": "P", "classes": ["x", "y", "z"]}, checks=list(checks))
