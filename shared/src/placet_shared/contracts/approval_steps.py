"""Events about steps that people complete on the way of a version's bytes to an environment. Their subject is the model."""

from typing import Annotated

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment

__all__ = ["STEP_EVENTS", "StepCompleted", "StepReopened"]

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Role = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
StepName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]


class _StepEvent(EventData):
    artifact_sha256: Sha256
    environment: str
    model_id: str
    version_id: str
    step: StepName


class StepCompleted(_StepEvent):
    """A person with the role completed the step, for this model's versions with these bytes.

    `evidence`: digests of files that show it. `token_issuers` are people who could have done it, since they issued the token.
    """

    person_id: str
    role: Role
    evidence: list[Sha256]
    token_issuers: list[str]
    comment: TextCommitment


class StepReopened(_StepEvent):
    """The step is open again for these bytes, whichever model they are of.

    `steps` are all that are open again with it: the step, and those after it that people had completed.
    """

    person_id: str
    steps: list[StepName]
    reason: TextCommitment


STEP_EVENTS: dict[str, type[EventData]] = {model.__name__: model for model in (StepCompleted, StepReopened)}
