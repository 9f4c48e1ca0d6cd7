"""Views of a policy's steps."""

from datetime import datetime

from pydantic import BaseModel, Field

from placet_approval.api.people_and_texts import Holder, SaidText
from placet_approval.domain.step_progress import Progress
from placet_approval.domain.step_terms import StepFact

__all__ = ["CurrentStep", "StepView"]


class CurrentStep(BaseModel):
    """The first step that is not complete."""

    name: str = Field(description="The step of the policy.", examples=["data-review"])
    owner: str = Field(description="The role that answers for it.", examples=["data-office"])
    fact: StepFact | None = Field(description="What completes it; null for a step that a person completes.")
    role: str | None = Field(description="A person with this role completes it; null for a step that a fact completes.")
    since: datetime | None = Field(description="Since when it is its turn.")
    due_at: datetime | None = Field(description="When it should be complete; null where the policy does not say.")
    overdue: bool = Field(description="Whether that time is over.")
    complete: int = Field(description="How many of the policy's steps are complete.")
    steps: int = Field(description="How many steps there are.")
    can_complete: list[Holder] = Field(description="Up to ten people who could complete it.")


class ReopenedView(BaseModel):
    """That it has to be done again."""

    by: Holder = Field(description="The person who reopened it.")
    at: datetime = Field(description="When.")
    said: SaidText = Field(description="Why.")


class StepView(BaseModel):
    """A step of the policy."""

    name: str = Field(description="Its name in the policy.", examples=["data-review"])
    owner: str = Field(description="The role that answers for it.", examples=["data-office"])
    fact: StepFact | None = Field(description="What completes it; null for a step that a person completes.")
    role: str | None = Field(description="A person with this role completes it; null for a step that a fact completes.")
    state: Progress = Field(description="`current` is the first that is not complete; `waiting` are those after it.")
    since: datetime | None = Field(description="When it was completed or its turn came; null while it waits.")
    due_at: datetime | None = Field(description="When the current step should be complete, where the policy says so.")
    overdue: bool = Field(description="Whether that time is over.")
    by: Holder | None = Field(description="The person who completed it last, whether it counts or not: it does where `state` is complete.")
    at: datetime | None = Field(description="When they did.")
    evidence: list[str] = Field(description="Digests of files that show it.")
    said: SaidText | None = Field(description="What they said.")
    reopened: ReopenedView | None = Field(description="Set when it was reopened since.")
    can_complete: list[Holder] = Field(description="For steps of people that are not complete: up to ten people who could complete it.")
