"""Reopen a step that a person completed, and the steps after it, for a version's bytes under whichever model."""

from placet_approval.commands.circumstances import signer
from placet_approval.commands.steps_of_version import StepOfVersion, StepResult, around_version, result_of
from placet_approval.domain.artifact_steps import step_named
from placet_shared.errors import Conflict
from placet_shared.event_store import UnitOfWork

__all__ = ["reopen_step"]


async def reopen_step(command: StepOfVersion, uow: UnitOfWork) -> StepResult:
    """A person with the step's role, or an admin."""
    now, known = await around_version(command, uow)
    steps = now.policy.terms.process.steps
    step = step_named(steps, command.step, command.environment)
    if known is None:
        raise Conflict(
            f"The step {step.name} is not complete.", code="step_not_complete", resolve="See how it stands: `placet steps list`."
        )
    before = {name for _, name in known.done}
    reason = uow.text(command.text, kind="reason", subject=now.version.model_id)
    known.reopen(now.version, command.environment, step, steps, await signer(uow), reason, await uow.now())
    uow.save(known, subject=now.version.model_id)
    reopened = before - {name for _, name in known.done}
    return result_of(command, now, known, complete=False, steps=tuple(one.name for one in steps if one.name in reopened))
