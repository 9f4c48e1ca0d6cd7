"""Rows that a person gave a model to try, as verification-service answers them."""

from datetime import datetime
from typing import Any

import msgspec

from placet_client.answers.answer import Answer, Part
from placet_client.answers.verification import UNFINISHED, PlanReference

__all__ = [
    "Trial",
    "TrialCount",
    "TriedChange",
    "TriedContribution",
    "TriedCounterfactual",
    "TriedExplanation",
    "TriedPrediction",
    "TriedRow",
    "TriedRows",
]


class TriedPrediction(Part, frozen=True, kw_only=True):
    """A regression predicts a `value`; else there is the class that is decided, and scores by class."""

    decided: str | None = msgspec.field(name="class", default=None)
    scores: dict[str, float] | None = None
    value: float | None = None


class TriedContribution(Part, frozen=True, kw_only=True):
    """What the given value of a column adds to the prediction, with the standard error of sampling."""

    column: str
    given: Any = None
    value: float
    standard_error: float | None = None


class TriedExplanation(Part, frozen=True, kw_only=True):
    """`prediction` = `base` + the sum of all contributions + `gap`; `base` is the mean prediction of the plan's data."""

    of_class: str | None = None
    prediction: float
    base: float
    gap: float
    contributions: tuple[TriedContribution, ...] = ()
    not_listed: int


class TriedChange(Part, frozen=True, kw_only=True):
    """Another value of a column."""

    column: str
    given: Any = msgspec.field(name="from", default=None)
    changed: Any = msgspec.field(name="to", default=None)


class TriedCounterfactual(Part, frozen=True, kw_only=True):
    """The nearest change that was found; `distance` is in median absolute deviations, a changed category counts 1."""

    changes: tuple[TriedChange, ...] = ()
    prediction: TriedPrediction
    distance: float
    evaluations: int


class TriedRow(Part, frozen=True, kw_only=True):
    """A row's answer; None where `reason_code` says why the model has none. `unlike_data` are columns whose value the data do not have."""

    prediction: TriedPrediction | None = None
    unlike_data: tuple[str, ...] = ()
    explanation: TriedExplanation | None = None
    counterfactual: TriedCounterfactual | None = None
    counterfactual_reason: str | None = None
    reason_code: str | None = None


class TriedRows(Part, frozen=True, kw_only=True):
    """All rows in their order, and by how much they were explained."""

    rows: tuple[TriedRow, ...] = ()
    background_rows: int
    permutations: int
    most_changes: int
    most_evaluations: int


class Trial(Answer, frozen=True, kw_only=True):
    """`status` is queued, running, answered or errored; then `reason_code` says why there is no answer."""

    id: str
    status: str
    model_id: str
    version_id: str
    environment: str
    plan: PlanReference
    artifact_sha256: str
    dataset_sha256: str
    requested_at: datetime
    ended_at: datetime | None = None
    tried: TriedRows | None = None
    reason_code: str | None = None
    detail: str | None = None
    resolve: str | None = None
    facts: dict[str, Any] = {}

    @property
    def has_ended(self) -> bool:
        """Whether it is over, with an answer or without."""
        return self.status not in UNFINISHED


class TrialCount(Answer, frozen=True, kw_only=True):
    """How many trials of a model's versions were asked for, and when the last one."""

    model_id: str
    trials: int
    last_at: datetime | None = None
