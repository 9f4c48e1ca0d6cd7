"""Runs the model on a data set: checks its inputs against plan and data, predicts in batches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.model_outputs import labels_of, scores_of
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.sessions.session import ENGINE_TYPES, Session, by_name

__all__ = ["BATCH", "Predictions", "fixed_batch", "predict"]

BATCH = 1024


@dataclass(frozen=True, slots=True)
class Predictions:
    """`scores` is [rows] for a binary task (of the positive class) and for a regression, else [rows, classes].

    `labels` are class numbers, where the model decides itself.
    """

    scores: NDArray[np.float64]
    labels: NDArray[np.int64] | None


def predict(session: Session, dataset: Dataset, plan: Mapping[str, Any], batch: int = BATCH) -> Predictions:
    """The model's predictions for all rows, `batch` at once where it takes any number; raises `Refused` when inputs or outputs are not as
    the plan says."""
    feeds = _feeds(session, dataset, plan)
    wanted = [plan["prediction"]["scores"], *([plan["prediction"]["labels"]] if plan["prediction"]["labels"] else [])]
    outputs = by_name(session.outputs, wanted)
    if missing := [name for name in wanted if name not in outputs]:
        raise Refused("signature_mismatch", output=missing[0], found=", ".join(sorted(outputs)))
    scores: list[NDArray[np.float64]] = []
    labels: list[NDArray[np.int64]] = []
    for answer, rows in _batches(session, wanted, feeds, len(dataset), batch):
        scores.append(scores_of(answer[0], rows, plan))
        if len(answer) > 1:
            labels.append(labels_of(answer[1], rows, plan["prediction"]["classes"]))
    return Predictions(np.concatenate(scores), np.concatenate(labels) if labels else None)


def fixed_batch(session: Session) -> int | None:
    """How many rows at once the model takes, if it takes no other number."""
    first = session.inputs[0].shape[0]
    return first if isinstance(first, int) else None


def _batches(
    session: Session, wanted: Sequence[str], feeds: Mapping[str, NDArray[Any]], rows: int, batch: int
) -> Iterator[tuple[list[Any], int]]:
    fixed = fixed_batch(session)
    if fixed is not None and (fixed < 1 or rows % fixed):
        raise Refused("signature_mismatch", expected="any number of rows", found=str(fixed))
    size = fixed or batch
    for start in range(0, rows, size):
        part = {name: tensor[start : start + size] for name, tensor in feeds.items()}
        yield session.run(wanted, part), min(size, rows - start)


def _feeds(session: Session, dataset: Dataset, plan: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    arguments = by_name(session.inputs, list(dataset.inputs))
    if arguments.keys() != dataset.inputs.keys():
        raise Refused("signature_mismatch", expected=", ".join(sorted(dataset.inputs)), found=", ".join(sorted(arguments)))
    feeds = {}
    for part in plan["inputs"]:
        name, tensor = part["name"], dataset.inputs[part["name"]]
        shape, types = arguments[name].shape, arguments[name].types
        if f"tensor({ENGINE_TYPES.get(part['type'], part['type'])})" not in types:
            raise Refused("signature_mismatch", input=name, expected=part["type"], found=" or ".join(types))
        width = tensor.shape[1]
        if len(shape) == 1 and width == 1:
            feeds[name] = tensor[:, 0]
        elif len(shape) == 2 and (not isinstance(shape[1], int) or shape[1] == width):
            feeds[name] = tensor
        else:
            raise Refused("signature_mismatch", input=name, expected=f"[rows, {width}]", found=str(shape))
    return feeds
