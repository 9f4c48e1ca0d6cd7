"""What checks measure: the artifact, the model, the data and its predictions, each made when it is first asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import onnxruntime

from placet_verification.adapters.evaluation.artifact import refuse_unsafe
from placet_verification.adapters.evaluation.dataset import Dataset, read_dataset
from placet_verification.adapters.evaluation.engine import open_session
from placet_verification.adapters.evaluation.prediction import Predictions, predict

__all__ = ["Inputs"]


@dataclass(frozen=True, slots=True)
class Files:
    """The bytes of a run; `datasets` are by what the plan uses them for: evaluation, training, reference."""

    artifact: bytes
    champion: bytes | None
    datasets: Mapping[str, bytes]


@dataclass(frozen=True)
class Inputs:
    """`plan` is the document in its full form, `signature` the registered one.

    Each property raises `Refused`.
    """

    plan: Mapping[str, Any]
    files: Files
    signature: Mapping[str, Any] | None = None

    @cached_property
    def session(self) -> onnxruntime.InferenceSession:
        """The model, loaded once its file was found safe."""
        return self._load(self.files.artifact)

    @cached_property
    def data(self) -> Dataset:
        """The evaluation data."""
        return read_dataset(self.files.datasets["evaluation"], self.plan)

    @cached_property
    def predictions(self) -> Predictions:
        """The model's predictions for the evaluation data."""
        return predict(self.session, self.data, self.plan)

    @cached_property
    def champion_predictions(self) -> Predictions | None:
        """The deployed version's predictions for the same rows; None when nothing is deployed."""
        return None if self.files.champion is None else predict(self._load(self.files.champion), self.data, self.plan)

    def _load(self, raw: bytes) -> onnxruntime.InferenceSession:
        refuse_unsafe(raw, self.plan["artifact"])
        return open_session(raw)
