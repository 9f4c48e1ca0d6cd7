"""Whether the steps of people are complete, for one model's versions with the same bytes in an environment."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from placet_approval.domain.step_terms import StepTerm

__all__ = ["StepDone", "completed"]


@dataclass(frozen=True, slots=True)
class StepDone:
    """A person completed a step in this role; `token_issuers` are others who could have."""

    model_id: str
    step: str
    role: str
    person_id: str
    at: datetime
    token_issuers: tuple[str, ...] = ()

    @property
    def hands(self) -> frozenset[str]:
        """Everyone who may have done it."""
        return frozenset({self.person_id, *self.token_issuers})


def completed(step: StepTerm, done: Iterable[StepDone], model_id: str, out: Collection[str]) -> StepDone | None:
    """What completes a step of people: done for this model, in the role that the policy asks for now, by no person with a part in it."""
    for one in done:
        if (one.model_id, one.step, one.role) == (model_id, step.name, step.role) and one.hands.isdisjoint(out):
            return one
    return None
