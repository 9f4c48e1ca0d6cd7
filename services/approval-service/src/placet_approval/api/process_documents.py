"""The parts of a policy document on how people come to a decision: feedback, waivers, deadlines."""

from datetime import date
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from placet_approval.api.document_fields import Duration, Part, Role
from placet_approval.domain.process_terms import DeadlineTerms, FeedbackTerm, WaiverTerms
from placet_approval.domain.step_terms import StepFact, StepTerm
from placet_approval.domain.working_days import Calendar

__all__ = ["DeadlinesPart", "FeedbackPart", "StepPart", "WaiversPart"]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PydanticCustomError("time_zone", "the name of a time zone such as Europe/Berlin or UTC") from error
    return name


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise PydanticCustomError("date", "a date such as 2026-12-25") from error


class FeedbackPart(Part):
    """A group whose people answer before the version is signed off."""

    group: Role = Field(description="The group's name.")
    any_of: Annotated[list[Role], Field(min_length=1, max_length=20)] = Field(description="Roles of which each person who answers has one.")
    count: Annotated[int, Field(ge=1, le=20, description="How many distinct people of the group must answer.")] = 1

    def term(self) -> FeedbackTerm:
        """The domain's form."""
        return FeedbackTerm(self.group, tuple(dict.fromkeys(self.any_of)), self.count)


class StepCompletionPart(Part):
    """A fact that the service knows, or a person with a role."""

    event: StepFact | None = Field(None, description="The fact that completes it; or use `role`.")
    role: Role | None = Field(None, description="A person with this role completes it by hand; or use `event`.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.event is None) == (self.role is None):
            raise PydanticCustomError("completed_by", "either `event` or `role`")
        return self


class StepPart(Part):
    """A step on the way to the environment."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$", max_length=63, examples=["data-review"])] = Field(
        description="What people call it."
    )
    owner: Role | None = Field(None, description="The role that answers for it; left out: the one that completes it.")
    completed_by: StepCompletionPart = Field(description="What completes it.")
    due_after: Duration | None = Field(
        None, description="How long it may take once the steps before it are complete; later it is shown as overdue."
    )

    @model_validator(mode="after")
    def _has_an_owner(self) -> Self:
        if self.owner is None and self.completed_by.role is None:
            raise PydanticCustomError("owner", "an `owner`, the role that answers for a step which no person completes")
        return self

    def term(self) -> StepTerm:
        """The domain's form."""
        by = self.completed_by
        return StepTerm(self.name, self.owner or by.role or "", by.event, by.role, self.due_after)


class WaiversPart(Part):
    """Who may waive an issue, and for how long at most."""

    any_of: Annotated[list[Role], Field(min_length=1, max_length=20)] = Field(description="Roles of which a person has one.")
    for_at_most: Duration = Field(description="The longest time for which an issue can be waived.")

    def terms(self) -> WaiverTerms:
        """The domain's form."""
        return WaiverTerms(tuple(dict.fromkeys(self.any_of)), self.for_at_most)


class DeadlinesPart(Part):
    """Counted from the request, in time of working days; the moments are fixed when a sign-off is requested."""

    remind_after: Duration | None = Field(None, description="When people who must still act are reminded.")
    escalate_after: Duration | None = Field(None, description="When people with the role `escalate_to` are told.")
    escalate_to: Role | None = Field(None, description="A role.")
    expire_after: Duration | None = Field(None, description="When a sign-off that people did not decide ends, which is no yes.")
    working_days: Annotated[list[Weekday], Field(min_length=1, max_length=7)] = Field(
        list(get_args(Weekday)), description="Days of the week whose time counts."
    )
    holidays: Annotated[list[Annotated[str, Field(max_length=10), AfterValidator(_day)]], Field(max_length=500)] = Field(
        [], description="Dates whose time does not count."
    )
    time_zone: Annotated[str, Field(max_length=64), AfterValidator(_zone)] = Field("UTC", description="Where days begin and end.")

    @model_validator(mode="after")
    def _escalation_has_a_role(self) -> Self:
        if (self.escalate_after is None) != (self.escalate_to is None):
            raise PydanticCustomError("escalation", "`escalate_after` and `escalate_to` together")
        return self

    def terms(self) -> DeadlineTerms:
        """The domain's form; the order in which days were written does not matter."""
        days = tuple(day for day in get_args(Weekday) if day in self.working_days)
        holidays = tuple(sorted({date.fromisoformat(day) for day in self.holidays}))
        calendar = Calendar(days, holidays, self.time_zone)
        return DeadlineTerms(self.remind_after, self.escalate_after, self.escalate_to, self.expire_after, calendar)
