"""The board: how far the newest version of a model has come in each environment, what it waits for, and since when.

    registered → verified → requested → approved → deployed

It shows what is known; whether a version may go somewhere is the gate's to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from placet_approval.domain.known_place import KnownPlace
from placet_approval.domain.sign_off_quorum import progress
from placet_approval.domain.step_progress import StepState
from placet_approval.domain.step_terms import StepFact, by_hand_before

__all__ = ["Place", "Step", "Waits", "place_of", "waiting_place"]

Step = Literal["registered", "verified", "requested", "approved", "deployed"]
Waits = Literal["policy", "verification", "previous_environment", "request", "steps", "signatures", "deployment"]


@dataclass(frozen=True, slots=True)
class Place:
    """How far a version has come in an environment, `since` when; `waits_for` is None when it is deployed.

    `missing` names what is waited for: plans, roles with numbers, steps of people, or the environment before. `ended` is how the last
    sign-off ended, if it did without a yes that holds. `steps` are those of the policy.
    """

    environment: str
    step: Step
    since: datetime
    waits_for: Waits | None
    missing: Sequence[str]
    have: int
    need: int
    sign_off_id: str | None
    ended: str | None
    steps: Sequence[StepState] = ()

    @property
    def current(self) -> StepState | None:
        """The first step that is not complete."""
        return next((one for one in self.steps if one.state == "current"), None)


def place_of(known: KnownPlace, registered_at: datetime, earlier: Sequence[KnownPlace], steps: Sequence[StepState] = ()) -> Place:
    """`earlier` are the environments before, nearest first."""
    sign_off, terms = known.sign_off, known.policy.signatures if known.policy else ()
    have, need = 0, sum(term.count for term in terms)
    if sign_off and sign_off.state in ("pending", "approved"):
        now = progress(sign_off.terms, sign_off.approvals)
        have, need = sum(now.have), sum(term.count for term in sign_off.terms)
    step, since = _step(known, registered_at)
    waits_for, missing = _waits(known, step, earlier, steps)
    ended = sign_off.state if sign_off and sign_off.state not in ("pending", "approved") else None
    of = sign_off.sign_off_id if sign_off else None
    return Place(known.environment, step, since, waits_for, missing, have, need, of, ended, steps)


def waiting_place(places: Sequence[Place], asks: Sequence[bool]) -> Place | None:
    """The place that a version has to take next: the first, in order, that asks for signatures and has no yes; else the last that it is not
    deployed in; None when it is deployed in the last. `asks` says of each whether its policy asks for signatures."""
    for place, asking in zip(places, asks, strict=True):
        if asking and place.step not in ("approved", "deployed"):
            return place
    return next((place for place in reversed(places) if place.step != "deployed"), None) if places and places[-1].waits_for else None


def _step(known: KnownPlace, registered_at: datetime) -> tuple[Step, datetime]:
    if known.deployed_since:
        return "deployed", known.deployed_since
    if known.sign_off and known.sign_off.state == "approved":
        return "approved", known.sign_off.changed_at
    if known.sign_off and known.sign_off.state == "pending":
        return "requested", known.sign_off.requested_at
    ended = [plan.finished_at for plan in known.plans if plan.passed and plan.finished_at]
    if known.plans and len(ended) == len(known.plans):
        return "verified", max(ended)
    return "registered", registered_at


def _open_by_hand(steps: Sequence[StepState], before: StepFact) -> Sequence[str]:
    """What people must complete before this fact, as the gate asks."""
    held = {step.name for step in by_hand_before([one.step for one in steps], before)}
    return [one.step.name for one in steps if one.step.name in held and one.state != "complete"]


def _waits(known: KnownPlace, step: Step, earlier: Sequence[KnownPlace], steps: Sequence[StepState]) -> tuple[Waits | None, Sequence[str]]:
    if step == "deployed":
        return None, ()
    if known.policy is None:
        return "policy", ()
    if step in ("requested", "approved") and (by_hand := _open_by_hand(steps, "signed_off" if step == "requested" else "deployed")):
        return "steps", by_hand
    if step == "requested" and known.sign_off:
        missing = progress(known.sign_off.terms, known.sign_off.approvals).missing
        return "signatures", [str(term) for term in missing]
    if step == "approved":
        return "deployment", ()
    if known.policy.verification and (not known.plans or any(not plan.passed for plan in known.plans)):
        return "verification", [plan.plan for plan in known.plans if not plan.passed]
    before = next((one for one in earlier if one.policy is None or one.policy.signatures), None)
    if known.policy.previous_required and before and not (before.sign_off and before.sign_off.state == "approved"):
        return "previous_environment", [before.environment]
    return ("request", ()) if known.policy.signatures else ("deployment", ())
