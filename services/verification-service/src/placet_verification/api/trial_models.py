"""Response models of trials; what comes out of the child is held against them before it is shown."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from placet_shared.contracts.verification import PlanReference, ReasonCode
from placet_verification.api.response_models import Id, Sha256, Shape

__all__ = ["TrialAnswer", "TrialCount", "TriedRow", "TriedRows"]

Given = float | int | bool | str | None


class _Measured(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, populate_by_name=True, serialize_by_alias=True)


class TriedPrediction(_Measured):
    """A regression predicts a `value`; else `class` is what the model or the plan's threshold decides, beside the score of the positive
    class, or the highest ones of several classes."""

    class_: Annotated[str | None, Field(alias="class")] = None
    scores: dict[str, float] | None = None
    value: float | None = None


class TriedContribution(_Measured):
    """What the value of a column adds to the prediction, by Shapley values; the error is that of sampling."""

    column: str
    given: Given
    value: float
    standard_error: float | None


class TriedExplanation(_Measured):
    """`prediction` = `base` + the sum of all contributions + `gap`; `base` is the mean prediction of the background.

    Of several classes it is about the score of `of_class`, the one that is predicted.
    """

    of_class: str | None
    prediction: float
    base: float
    gap: float
    contributions: list[TriedContribution]
    not_listed: Annotated[int, Field(ge=0, description="Columns beside the fifty that add most.")]


class TriedChange(_Measured):
    """Another value of a column."""

    column: str
    from_: Annotated[Given, Field(alias="from")]
    to: Given


class TriedCounterfactual(_Measured):
    """The nearest change that was found; `distance` is in median absolute deviations, a changed category counts 1."""

    changes: list[TriedChange]
    prediction: TriedPrediction
    distance: float
    evaluations: int


class TriedRow(_Measured):
    """A row's prediction, explanation and counterfactual; null where `reason_code` says why the model has none.

    `unlike_data` are columns whose value is outside the data's range, or a category that they do not have.
    """

    prediction: TriedPrediction | None
    unlike_data: list[str]
    explanation: TriedExplanation | None
    counterfactual: TriedCounterfactual | None
    counterfactual_reason: Annotated[
        Literal["no_column_may_change", "none_found"] | None, Field(description="Why there is no counterfactual.")
    ]
    reason_code: ReasonCode | None


class TriedRows(_Measured):
    """What the child measured."""

    rows: list[TriedRow]
    background_rows: int
    permutations: int
    most_changes: int
    most_evaluations: int


class TrialAnswer(Shape):
    """A trial. `tried` has the rows in their order when it is `answered`; when it is `errored`, `reason_code` says why."""

    id: Id
    status: Literal["queued", "running", "answered", "errored"]
    model_id: Id
    version_id: Id
    environment: str
    plan: PlanReference
    artifact_sha256: Sha256
    dataset_sha256: Sha256
    requested_at: datetime
    ended_at: datetime | None
    tried: TriedRows | None
    reason_code: ReasonCode | None
    detail: str | None
    resolve: str | None
    facts: dict[str, object]


class TrialCount(Shape):
    """How many trials of a model's versions were asked for, and when the last one; 0 and null where none was."""

    model_id: Id
    trials: int
    last_at: datetime | None
