"""A policy's terms on how people come to a decision: feedback by groups, the order of signatures, waivers, deadlines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from placet_approval.domain.step_terms import StepTerm
from placet_approval.domain.timestamps import rfc3339
from placet_approval.domain.working_days import EVERY_DAY, Calendar

__all__ = ["DeadlineTerms", "FeedbackTerm", "ProcessTerms", "WaiverTerms"]


@dataclass(frozen=True, slots=True)
class FeedbackTerm:
    """Before people sign, `count` distinct people of a group answer, each in one of the roles `any_of`."""

    group: str
    any_of: tuple[str, ...]
    count: int = 1

    def __str__(self) -> str:
        return f"{self.count} × {self.group}"

    def content(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"group": self.group, "any_of": list(self.any_of), "count": self.count}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The opposite of `content`."""
        return cls(content["group"], tuple(content["any_of"]), content["count"])


@dataclass(frozen=True, slots=True)
class WaiverTerms:
    """People with one of these roles may waive an issue, for no longer than `for_at_most`."""

    any_of: tuple[str, ...]
    for_at_most: timedelta

    def content(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"any_of": list(self.any_of), "for_at_most_seconds": int(self.for_at_most.total_seconds())}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The opposite of `content`."""
        return cls(tuple(content["any_of"]), timedelta(seconds=content["for_at_most_seconds"]))


@dataclass(frozen=True, slots=True)
class DeadlineTerms:
    """When an open sign-off is brought to mind again, goes to `escalate_to`, and ends, counted from its request on the calendar."""

    remind_after: timedelta | None
    escalate_after: timedelta | None
    escalate_to: str | None
    expire_after: timedelta | None
    calendar: Calendar = EVERY_DAY

    def dates(self, start: datetime) -> dict[str, Any]:
        """The moments for a sign-off that is requested at `start`, fixed in its event: a calendar that is changed later moves none."""
        lengths = {"remind_at": self.remind_after, "escalate_at": self.escalate_after, "ends_at": self.expire_after}
        moments = {name: rfc3339(self.calendar.after(start, length)) if length else None for name, length in lengths.items()}
        return {**moments, "escalate_to": self.escalate_to}

    def content(self) -> dict[str, Any]:
        """Plain JSON; what is not set is left out."""
        seconds = {
            name: int(length.total_seconds())
            for name, length in (
                ("remind_after_seconds", self.remind_after),
                ("escalate_after_seconds", self.escalate_after),
                ("expire_after_seconds", self.expire_after),
            )
            if length is not None
        }
        to = {"escalate_to": self.escalate_to} if self.escalate_to else {}
        calendar = {"calendar": self.calendar.content()} if self.calendar != EVERY_DAY else {}
        return {**seconds, **to, **calendar}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The opposite of `content`."""
        return cls(
            remind_after=_seconds(content.get("remind_after_seconds")),
            escalate_after=_seconds(content.get("escalate_after_seconds")),
            escalate_to=content.get("escalate_to"),
            expire_after=_seconds(content.get("expire_after_seconds")),
            calendar=Calendar.from_content(content["calendar"]) if "calendar" in content else EVERY_DAY,
        )


@dataclass(frozen=True, slots=True)
class ProcessTerms:
    """By default people sign at once, in any order, for as long as it takes, and no issue can be waived.

    `review_before`: so long before an approval expires a new round is asked for. `findings_held`: each advisory check that was not met
    holds the approval until it is waived. `steps` are what is done on the way to the environment, in this order.
    """

    feedback: tuple[FeedbackTerm, ...] = ()
    in_sequence: bool = False
    waivers: WaiverTerms | None = None
    deadlines: DeadlineTerms | None = None
    review_before: timedelta | None = None
    findings_held: bool = False
    steps: tuple[StepTerm, ...] = ()

    def content(self) -> dict[str, Any]:
        """Plain JSON; what has its default is left out."""
        return {
            **({"feedback": [term.content() for term in self.feedback]} if self.feedback else {}),
            **({"in_sequence": True} if self.in_sequence else {}),
            **({"waivers": self.waivers.content()} if self.waivers else {}),
            **({"deadlines": self.deadlines.content()} if self.deadlines else {}),
            **({"review_before_seconds": int(self.review_before.total_seconds())} if self.review_before else {}),
            **({"findings": "held"} if self.findings_held else {}),
            **({"steps": [step.content() for step in self.steps]} if self.steps else {}),
        }

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The opposite of `content`, from what contains it."""
        return cls(
            tuple(FeedbackTerm.from_content(term) for term in content.get("feedback", ())),
            content.get("in_sequence", False),
            WaiverTerms.from_content(content["waivers"]) if "waivers" in content else None,
            DeadlineTerms.from_content(content["deadlines"]) if "deadlines" in content else None,
            _seconds(content.get("review_before_seconds")),
            content.get("findings") == "held",
            tuple(StepTerm.from_content(step) for step in content.get("steps", ())),
        )


def _seconds(number: int | None) -> timedelta | None:
    return timedelta(seconds=number) if number else None
