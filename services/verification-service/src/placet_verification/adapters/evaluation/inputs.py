"""What checks measure: the artifact, the model, the data and its predictions, each made when it is first asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import onnxruntime

from placet_verification.adapters.evaluation.artifact import refuse_unsafe
from placet_verification.adapters.evaluation.dataset import Dataset, read_dataset
from placet_verification.adapters.evaluation.engine import open_session
from placet_verification.adapters.evaluation.prediction import BATCH, Predictions, predict
from placet_verification.adapters.evaluation.scoring import Scoring

__all__ = ["Inputs"]


@dataclass(frozen=True, slots=True)
class Files:
    """The bytes of a run; `datasets` are by what the plan uses them for: evaluation, training, reference."""

    artifact: bytes
    champion: bytes | None
    datasets: Mapping[str, bytes]


@dataclass(frozen=True)
class Inputs:
    """`plan` is the document in its full form, `signature` the registered one, `further` are columns of the evaluation data that no input
    of the model takes, as texts.

    Each property raises `Refused`.
    """

    plan: Mapping[str, Any]
    files: Files
    signature: Mapping[str, Any] | None = None
    further: Sequence[str] = ()

    @cached_property
    def session(self) -> onnxruntime.InferenceSession:
        """The model, loaded once its file was found safe."""
        return self._load(self.files.artifact)

    @cached_property
    def data(self) -> Dataset:
        """The evaluation data, with the further columns that checks ask for."""
        return read_dataset(self.files.datasets["evaluation"], self.plan, further=self.further)

    @cached_property
    def training(self) -> Dataset:
        """The rows that the model was trained on; for kinds that need them."""
        return read_dataset(self.files.datasets["training"], self.plan, "training")

    @cached_property
    def reference(self) -> Dataset:
        """The rows that drift is measured against; for kinds that need them."""
        return read_dataset(self.files.datasets["reference"], self.plan, "reference")

    @cached_property
    def predictions(self) -> Predictions:
        """The model's predictions for the evaluation data."""
        return self.predict(self.data)

    @cached_property
    def scoring(self) -> Scoring:
        """The predictions held against the labels."""
        return self.scored(self.data, self.predictions)

    @cached_property
    def champion_predictions(self) -> Predictions | None:
        """The deployed version's predictions for the same rows; None when nothing is deployed."""
        return None if self.files.champion is None else predict(self._load(self.files.champion), self.data, self.plan)

    def predict(self, data: Dataset, batch: int = BATCH) -> Predictions:
        """The model's predictions for other rows, such as changed or sampled ones, or so many of them at once."""
        return predict(self.session, data, self.plan, batch)

    def scored(self, data: Dataset, predictions: Predictions) -> Scoring:
        """Predictions for these rows held against their labels."""
        return Scoring(self.plan, data.labels, predictions)

    def _load(self, raw: bytes) -> onnxruntime.InferenceSession:
        refuse_unsafe(raw, self.plan["artifact"])
        return open_session(raw)
