"""Views of steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from placet_approval.domain.step_progress import Progress
from placet_approval.domain.step_terms import StepFact
from placet_approval.queries.people_and_texts import Holder, SaidText

__all__ = ["CurrentStep", "ReopenedView", "StepView", "StepsOfVersion"]


@dataclass(frozen=True, slots=True)
class CurrentStep:
    """The first step that is not complete: completed by a `fact`, or by a person with the `role`, such as those of `can_complete`.

    `complete` of `steps` are complete; a step that was completed before others were put in front of it is among them.
    """

    name: str
    owner: str
    fact: StepFact | None
    role: str | None
    since: datetime | None
    due_at: datetime | None
    overdue: bool
    complete: int
    steps: int
    can_complete: Sequence[Holder]


@dataclass(frozen=True, slots=True)
class ReopenedView:
    """That it has to be done again."""

    by: Holder
    at: datetime
    said: SaidText


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the policy. `by` to `said` are what a person did, whether it counts or not: it does where the state is complete."""

    name: str
    owner: str
    fact: StepFact | None
    role: str | None
    state: Progress
    since: datetime | None
    due_at: datetime | None
    overdue: bool
    by: Holder | None
    at: datetime | None
    evidence: Sequence[str]
    said: SaidText | None
    reopened: ReopenedView | None
    can_complete: Sequence[Holder]


@dataclass(frozen=True, slots=True)
class StepsOfVersion:
    """Of one version in one environment."""

    model_id: str
    version_id: str
    number: int
    artifact_sha256: str
    environment: str
    steps: Sequence[StepView]
