"""The steps that people completed for a version's bytes in an environment, from their stream, which is checked at append."""

from collections.abc import Iterator, Sequence

from placet_approval.domain.artifact_steps import ArtifactSteps
from placet_approval.domain.policy_terms import PolicyVersion
from placet_approval.domain.step_completion import StepDone
from placet_shared.event_store import UnitOfWork

__all__ = ["step_streams", "steps_done"]


async def steps_done(uow: UnitOfWork, artifact_sha256: str, *policies: PolicyVersion | None) -> Sequence[StepDone]:
    """None where no policy that may count asks people for a step: then the stream is not read. That of the environment's policies says that
    none does."""
    found = [await uow.load(ArtifactSteps, key) for _, key in step_streams(artifact_sha256, *policies)]
    return [done for stream in found if stream for done in stream.done.values()]


def step_streams(artifact_sha256: str, *policies: PolicyVersion | None) -> Iterator[tuple[type[ArtifactSteps], str]]:
    """What `steps_done` reads; the policies are of one environment."""
    asking = [policy for policy in policies if policy and any(step.role for step in policy.terms.process.steps)]
    for policy in asking[:1]:
        yield ArtifactSteps, ArtifactSteps.key_of(artifact_sha256, policy.terms.environment)
