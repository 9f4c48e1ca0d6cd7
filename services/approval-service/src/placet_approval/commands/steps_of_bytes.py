"""The steps that people completed for a version's bytes in an environment, from their stream, which is checked at append."""

from collections.abc import Iterator, Sequence

from placet_approval.domain.artifact_steps import ArtifactSteps
from placet_approval.domain.policy_terms import PolicyVersion
from placet_approval.domain.step_completion import StepDone
from placet_shared.event_store import UnitOfWork

__all__ = ["step_streams", "steps_done"]


async def steps_done(uow: UnitOfWork, artifact_sha256: str, policy: PolicyVersion | None) -> Sequence[StepDone]:
    """None where the policy asks people for no step: then the stream is not read. The policy's own stream says that it still does not."""
    found = [await uow.load(ArtifactSteps, key) for _, key in step_streams(artifact_sha256, policy)]
    return [done for stream in found if stream for done in stream.done.values()]


def step_streams(artifact_sha256: str, policy: PolicyVersion | None) -> Iterator[tuple[type[ArtifactSteps], str]]:
    """What `steps_done` reads."""
    if policy and any(step.role for step in policy.terms.process.steps):
        yield ArtifactSteps, ArtifactSteps.key_of(artifact_sha256, policy.terms.environment)
