"""Common steps of the commands on steps: the version, its policy's steps, the stream of its bytes, and the result in ids."""

from dataclasses import dataclass

from placet_approval.commands.circumstances import circumstances, find_version
from placet_approval.domain.artifact_steps import ArtifactSteps
from placet_approval.domain.sign_off_binding import Circumstances
from placet_shared.event_store import UnitOfWork

__all__ = ["StepOfVersion", "StepResult", "around_version", "result_of"]


@dataclass(frozen=True, slots=True)
class StepOfVersion:
    """`version_id`, or `model` (id or name) and `number`; `text` is the comment or the reason."""

    step: str
    environment: str
    version_id: str | None
    model: str | None
    number: int | None
    text: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepResult:
    """The step after the command; `steps` are all that were reopened with it."""

    step: str
    complete: bool
    model_id: str
    version_id: str
    environment: str
    artifact_sha256: str
    steps: tuple[str, ...]
    revision: int


async def around_version(command: StepOfVersion, uow: UnitOfWork) -> tuple[Circumstances, ArtifactSteps | None]:
    """Facts and stream; raises `NotFound`, and what `circumstances` raises."""
    version_id = command.version_id or await find_version(uow, command.model or "", command.number or 0)
    now = await circumstances(uow, version_id, command.environment)
    return now, await uow.load(ArtifactSteps, ArtifactSteps.key_of(now.version.artifact_sha256, command.environment))


def result_of(command: StepOfVersion, now: Circumstances, saved: ArtifactSteps, complete: bool, steps: tuple[str, ...] = ()) -> StepResult:
    """What the caller is told."""
    version = now.version
    where = (version.model_id, version.version_id, command.environment, version.artifact_sha256)
    return StepResult(command.step, complete, *where, steps, saved.version)
