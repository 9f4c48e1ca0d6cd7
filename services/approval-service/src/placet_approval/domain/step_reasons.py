"""The reason against a deployment or a signature that steps of people are not complete."""

from collections.abc import Collection, Iterator, Sequence

from placet_approval.domain.gate_reasons import Reason
from placet_approval.domain.involvement import excluded_people
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.step_completion import completed
from placet_approval.domain.step_terms import StepFact, StepTerm, by_hand_before

__all__ = ["step_reasons"]


def _out_of_it(requester: str | None, now: Circumstances) -> Collection[str]:
    """The people whose completing does not count: those who can't sign. None for `requester` before a sign-off was requested."""
    excluded = excluded_people(requester or "", now.claims, now.policy.terms.excludes)
    return {person for person in excluded if person}


def step_reasons(now: Circumstances, requester: str | None, before: StepFact) -> Iterator[Reason]:
    """The steps of people that come before this fact and are not complete, as one reason."""
    waiting = list(_open_steps(now, requester, before))
    if waiting:
        names = ", ".join(f"{step.name} (owner {step.owner})" for step in waiting)
        yield Reason(
            "step_open",
            f"Before that, people must complete {'this step' if len(waiting) == 1 else 'these steps'}: {names}.",
            f"Have a person who is {waiting[0].role} complete the first: `placet steps complete MODEL/NUMBER {waiting[0].name} "
            f"-e {now.policy.terms.environment} -c TEXT`.",
            facts={"steps": [{"name": step.name, "owner": step.owner, "role": step.role} for step in waiting]},
        )


def _open_steps(now: Circumstances, requester: str | None, before: StepFact) -> Sequence[StepTerm]:
    steps = list(by_hand_before(now.policy.terms.process.steps, before))
    out = _out_of_it(requester, now) if steps else ()
    return [step for step in steps if completed(step, now.steps_done, now.version.model_id, out) is None]
