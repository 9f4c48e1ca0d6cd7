"""A policy's terms on steps: what is done on the way to an environment, in which order, and who answers for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal, Self, get_args

__all__ = ["HOLDING", "STEP_FACTS", "StepFact", "StepTerm", "by_hand_before", "raised_steps"]

StepFact = Literal["registered", "lineage", "verified", "requested", "feedback", "signed_off", "deployed", "soaked"]
"""What this service knows about a version in an environment, in the words of a policy."""

STEP_FACTS: tuple[StepFact, ...] = get_args(StepFact)
HOLDING: tuple[StepFact, ...] = ("signed_off", "deployed")
"""Facts that wait for the steps of people before them."""


@dataclass(frozen=True, slots=True)
class StepTerm:
    """One step: completed by a `fact`, which it only shows, or by hand, by a person with the `role`; never by both.

    `owner` is the role that answers for it, `due_after` how long it may take once the steps before it are complete.
    """

    name: str
    owner: str
    fact: StepFact | None = None
    role: str | None = None
    due_after: timedelta | None = None

    def content(self) -> dict[str, Any]:
        """Plain JSON; what is not set is left out."""
        by = {"event": self.fact} if self.fact else {"role": self.role}
        due = {"due_after_seconds": int(self.due_after.total_seconds())} if self.due_after else {}
        return {"name": self.name, "owner": self.owner, "completed_by": by, **due}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The opposite of `content`."""
        by, due = content["completed_by"], content.get("due_after_seconds")
        return cls(content["name"], content["owner"], by.get("event"), by.get("role"), timedelta(seconds=due) if due else None)


def by_hand_before(steps: Sequence[StepTerm], fact: StepFact) -> Iterator[StepTerm]:
    """The steps of people that come before the step of a fact; all of them where no step is completed by it.

    A person can't be asked to wait for what comes afterwards: a step after `signed_off` holds no signature, one after `deployed` no gate.
    """
    for step in steps:
        if step.fact == fact:
            return
        if step.role is not None:
            yield step


def raised_steps(steps: Sequence[StepTerm], by: Sequence[StepTerm]) -> tuple[StepTerm, ...]:
    """The steps, and those of people of `by`, each before the same fact as there; a step of a name that another role has already gets the
    role's name besides, since a completion counts for a step of its name and role."""
    found = tuple(steps)
    for fact in HOLDING:
        for step in by_hand_before(by, fact):
            found = _with_step(found, step, fact)
    return found


def _with_step(steps: tuple[StepTerm, ...], step: StepTerm, before: StepFact) -> tuple[StepTerm, ...]:
    if any(one.name == step.name and one.role != step.role for one in steps):
        step = replace(step, name=f"{step.name}-{step.role}"[:63])
    if any((one.name, one.role) == (step.name, step.role) for one in by_hand_before(steps, before)):
        return steps
    others = [one for one in steps if one.name != step.name]
    place = next((index for index, one in enumerate(others) if one.fact == before), len(others))
    return (*others[:place], step, *others[place:])
