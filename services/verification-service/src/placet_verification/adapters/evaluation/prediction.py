"""Runs the model on a data set: checks its inputs against plan and data, predicts in batches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.engine import TYPES, run_session
from placet_verification.adapters.evaluation.model_outputs import labels_of, scores_of
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["Predictions", "predict"]

BATCH = 1024


@dataclass(frozen=True, slots=True)
class Predictions:
    """`scores` is [rows] for a binary task (of the positive class) and for a regression, else [rows, classes].

    `labels` are class numbers, where the model decides itself.
    """

    scores: NDArray[np.float64]
    labels: NDArray[np.int64] | None


def predict(session: onnxruntime.InferenceSession, dataset: Dataset, plan: Mapping[str, Any]) -> Predictions:
    """The model's predictions for all rows; raises `Refused` when its inputs or outputs are not as the plan says."""
    feeds = _feeds(session, dataset, plan)
    wanted = [plan["prediction"]["scores"], *([plan["prediction"]["labels"]] if plan["prediction"]["labels"] else [])]
    outputs = {output.name for output in session.get_outputs()}
    if missing := [name for name in wanted if name not in outputs]:
        raise Refused("signature_mismatch", output=missing[0], found=", ".join(sorted(outputs)))
    scores: list[NDArray[np.float64]] = []
    labels: list[NDArray[np.int64]] = []
    for answer, rows in _batches(session, wanted, feeds, len(dataset)):
        scores.append(scores_of(answer[0], rows, plan))
        if len(answer) > 1:
            labels.append(labels_of(answer[1], rows, plan["prediction"]["classes"]))
    return Predictions(np.concatenate(scores), np.concatenate(labels) if labels else None)


def _batches(
    session: onnxruntime.InferenceSession, wanted: Sequence[str], feeds: Mapping[str, NDArray[Any]], rows: int
) -> Iterator[tuple[list[Any], int]]:
    first = session.get_inputs()[0].shape[0]
    size = first if isinstance(first, int) else BATCH
    if size < 1 or (isinstance(first, int) and rows % size):
        raise Refused("signature_mismatch", expected="any number of rows", found=str(first))
    for start in range(0, rows, size):
        batch = {name: tensor[start : start + size] for name, tensor in feeds.items()}
        yield run_session(session, wanted, batch), min(size, rows - start)


def _feeds(session: onnxruntime.InferenceSession, dataset: Dataset, plan: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    arguments = {argument.name: argument for argument in session.get_inputs()}
    if arguments.keys() != dataset.inputs.keys():
        raise Refused("signature_mismatch", expected=", ".join(sorted(dataset.inputs)), found=", ".join(sorted(arguments)))
    feeds = {}
    for part in plan["inputs"]:
        name, tensor = part["name"], dataset.inputs[part["name"]]
        shape, type_ = arguments[name].shape, arguments[name].type
        if type_ != f"tensor({TYPES.get(part['type'], part['type'])})":
            raise Refused("signature_mismatch", input=name, expected=part["type"], found=type_)
        width = tensor.shape[1]
        if len(shape) == 1 and width == 1:
            feeds[name] = tensor[:, 0]
        elif len(shape) == 2 and (not isinstance(shape[1], int) or shape[1] == width):
            feeds[name] = tensor
        else:
            raise Refused("signature_mismatch", input=name, expected=f"[rows, {width}]", found=str(shape))
    return feeds
