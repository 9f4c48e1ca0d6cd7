"""Complete a step of people for a version's bytes in an environment, once the steps before it are complete."""

from collections.abc import Mapping, Sequence

from placet_approval.commands.circumstances import signer
from placet_approval.commands.steps_of_version import StepOfVersion, StepResult, around_version, result_of
from placet_approval.domain.artifact_steps import ArtifactSteps, step_named
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.step_progress import StepState
from placet_approval.ports import FindSteps
from placet_shared.errors import Conflict
from placet_shared.event_store import UnitOfWork

__all__ = ["complete_step"]

# Of sign-offs that people decide on, or have agreed to.
REQUESTERS = """
    select distinct requester_id from sign_offs
    where artifact_sha256 = $1 and environment = $2 and model_id = $3 and state in ('pending', 'approved', 'suspended')
"""


async def complete_step(command: StepOfVersion, uow: UnitOfWork, find_steps: FindSteps) -> StepResult:
    """A person with the step's role and no part in the bytes. That a step before it is complete is looked up; that no step is open when
    people sign or deploy is checked at append there."""
    now, known = await around_version(command, uow)
    step = step_named(now.policy.terms.process.steps, command.step, command.environment)
    acting, excluded = await signer(uow), await _excluded(uow, now)
    states = await find_steps(uow, now.version.version_id, command.environment)
    comment = uow.text(command.text, kind="comment", subject=now.version.model_id)
    saved = ArtifactSteps.complete(
        known, now.version, command.environment, step, acting, excluded, command.evidence, comment, await uow.now()
    )
    _require_turn(command.step, states)
    uow.save(saved, subject=now.version.model_id)
    return result_of(command, now, saved, complete=True)


async def _excluded(uow: UnitOfWork, now: Circumstances) -> Mapping[str, Sequence[str]]:
    """Who can't sign can't complete: the people with a part in the bytes, and the requesters."""
    terms, version = now.policy.terms, now.version
    found = [(claim.person_id, str(claim.part)) for claim in now.claims if claim.part in terms.excludes]
    rows = await uow.fetch(REQUESTERS, version.artifact_sha256, terms.environment, version.model_id)
    found += [(row["requester_id"], "requester") for row in rows]
    excluded: dict[str, list[str]] = {}
    for person, part in found:
        excluded.setdefault(person, []).append(part)
    return {person: list(dict.fromkeys(parts)) for person, parts in excluded.items()}


def _require_turn(name: str, states: Sequence[StepState]) -> None:
    for one in states:
        if one.step.name == name:
            return
        if one.state != "complete":
            step = one.step
            by = f"a person who is {step.role} completes it" if step.role else f"it is complete when the version is {step.fact}"
            raise Conflict(
                f"Before {name} comes {step.name}, which is open.",
                code="step_not_reached",
                resolve=f"See to {step.name} first: {by}; its owner is {step.owner}.",
                before={"name": step.name, "owner": step.owner, "role": step.role, "event": step.fact},
            )
