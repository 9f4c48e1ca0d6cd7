"""How far a version has come in the steps of an environment's policy: what is complete, whose turn it is, since when, until when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from placet_approval.domain.gate_facts import DeployedSpan
from placet_approval.domain.known_place import KnownPlace
from placet_approval.domain.step_completion import StepDone, completed
from placet_approval.domain.step_terms import StepFact, StepTerm

__all__ = ["Progress", "StepState", "fact_times", "step_states"]

Progress = Literal["complete", "current", "waiting"]


@dataclass(frozen=True, slots=True)
class StepState:
    """`since`: when it was completed, or became current; None while it waits for those before it. `done` is what a person did.

    A step of people that was completed before others were put in front of it stays complete.
    """

    step: StepTerm
    state: Progress
    since: datetime | None
    due_at: datetime | None = None
    done: StepDone | None = None

    def overdue(self, at: datetime) -> bool:
        """Whether it takes longer than it may."""
        return self.state == "current" and self.due_at is not None and self.due_at <= at


def step_states(
    known: KnownPlace, model_id: str, registered_at: datetime, earlier: Sequence[KnownPlace], at: datetime
) -> Sequence[StepState]:
    """In the policy's order; `earlier` are the environments before, nearest first."""
    steps = known.policy.process.steps if known.policy else ()
    return list(_states(steps, known, model_id, registered_at, fact_times(known, registered_at, earlier, at))) if steps else ()


def _states(
    steps: Sequence[StepTerm], known: KnownPlace, model_id: str, registered_at: datetime, facts: Mapping[StepFact, datetime]
) -> Iterator[StepState]:
    latest, reached = registered_at, True
    for step in steps:
        done = completed(step, known.steps_done, model_id, known.out) if step.role else None
        when = done.at if done else facts.get(step.fact) if step.fact else None
        if when is not None:
            latest = max(latest, when)
            yield StepState(step, "complete", when, done=done)
        elif reached:
            reached, since = False, max(latest, known.reopened.get(step.name, latest))
            yield StepState(step, "current", since, since + step.due_after if step.due_after else None)
        else:
            yield StepState(step, "waiting", None)


def fact_times(known: KnownPlace, registered_at: datetime, earlier: Sequence[KnownPlace], at: datetime) -> Mapping[StepFact, datetime]:
    """Since when each fact holds; those that do not are not in it."""
    sign_off = known.sign_off if known.sign_off and known.sign_off.state in ("pending", "approved") else None
    approved = sign_off if sign_off and sign_off.state == "approved" else None
    ended = [plan.finished_at for plan in known.plans if plan.passed and plan.finished_at]
    found: dict[StepFact, datetime | None] = {
        "registered": registered_at,
        "lineage": known.trainer_named_at,
        "verified": max(ended) if ended and len(ended) == len(known.plans) else None,
        "requested": sign_off.requested_at if sign_off else None,
        "feedback": sign_off.requested_at if sign_off and not sign_off.feedback_waits else None,
        "signed_off": approved.changed_at if approved else None,
        "deployed": known.deployed_since,
        "soaked": _soaked_at(known, earlier, at),
    }
    return {fact: since for fact, since in found.items() if since is not None}


def _soaked_at(known: KnownPlace, earlier: Sequence[KnownPlace], at: datetime) -> datetime | None:
    """When the bytes had run in the environment before for as long as the policy asks."""
    asking = (one for one in earlier if one.policy is None or one.policy.signatures)
    before = next(asking, next(iter(earlier), None))
    soak = known.policy.soak if known.policy else None
    return _ran_for(soak, before.ran, at) if soak and before else None


def _ran_for(soak: timedelta, ran: Sequence[DeployedSpan], at: datetime) -> datetime | None:
    missing = soak
    for span in ran:
        lasted = max((span.until or at) - span.since, timedelta())
        if lasted >= missing:
            return span.since + missing
        missing -= lasted
    return None
