"""What checks measure: the artifact, the model, the data and its predictions, each made when it is first asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from placet_verification.adapters.evaluation.dataset import Dataset, read_dataset
from placet_verification.adapters.evaluation.model_formats import open_session
from placet_verification.adapters.evaluation.prediction import BATCH, Predictions, predict
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.sessions.session import Session

__all__ = ["Files", "Format", "Inputs"]


@dataclass(frozen=True, slots=True)
class Files:
    """The bytes of a run; `datasets` are by what the plan uses them for: evaluation, training, reference."""

    artifact: bytes
    champion: bytes | None
    datasets: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """What kind of file a model is; `obstacle` is the reason why this one may not be loaded here."""

    name: str
    obstacle: str | None = None


ONNX = Format("onnx")


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
    format: Format = ONNX
    champion_format: Format = ONNX

    @cached_property
    def session(self) -> Session:
        """The model, loaded once its file was found safe."""
        return self._load(self.files.artifact, self.format)

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
        if self.files.champion is None:
            return None
        return predict(self._load(self.files.champion, self.champion_format), self.data, self.plan)

    def predict(self, data: Dataset, batch: int = BATCH) -> Predictions:
        """The model's predictions for other rows, such as changed or sampled ones, or so many of them at once."""
        return predict(self.session, data, self.plan, batch)

    def scored(self, data: Dataset, predictions: Predictions) -> Scoring:
        """Predictions for these rows held against their labels."""
        return Scoring(self.plan, data.labels, predictions)

    def _load(self, raw: bytes, format_: Format) -> Session:
        if format_.obstacle:
            raise Refused(format_.obstacle, format=format_.name)
        return open_session(format_.name, raw, self.plan)
