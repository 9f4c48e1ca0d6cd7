"""`/v1/steps`: the steps of a policy for one version: how far it has come, and what people complete."""

from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from placet_approval.api.rendering import rendered
from placet_approval.api.sign_off_bodies import Digest, Rationale
from placet_approval.api.step_views import StepView
from placet_approval.commands.complete_step import complete_step
from placet_approval.commands.reopen_step import reopen_step
from placet_approval.commands.steps_of_version import StepOfVersion
from placet_approval.queries.places import read_step_states
from placet_approval.queries.steps import read_steps
from placet_shared.errors import Malformed, NotFound
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answering
from placet_shared.service.running import service_of
from placet_shared.web.json_responses import json_response

__all__ = ["router"]

router = APIRouter(prefix="/v1/steps", tags=["steps"])

StepName = Annotated[
    str, Path(pattern="^[a-z][a-z0-9-]{0,62}$", max_length=63, description="Name of a step of the policy.", examples=["data-review"])
]
VERSION_ID = "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c13"


class StepsOfVersion(BaseModel):
    """The steps of the environment's policy for one version, in their order."""

    model_id: str = Field(description="The model.")
    version_id: str = Field(description="The version.")
    number: int = Field(description="The version's number.", examples=[7])
    artifact_sha256: str = Field(description="The bytes that steps are completed for.")
    environment: str = Field(description="Where the version is to go.", examples=["prod"])
    steps: list[StepView] = Field(description="None where the policy has no steps.")


class _StepBody(BaseModel):
    """The version, named by id or by model and number, and the environment."""

    model_config = ConfigDict(extra="forbid")

    environment: str = Field(description="Where the version is to go.", max_length=63, examples=["prod"])
    version_id: str | None = Field(None, description="The version's id, or else `model` and `number`.", max_length=36)
    model: str | None = Field(None, max_length=200, description="Id or name.", examples=["fraud"])
    number: int | None = Field(None, description="The version's number.", ge=1, le=2**31 - 1, examples=[7])

    @model_validator(mode="after")
    def _names_a_version(self) -> Self:
        by_number = self.model is not None and self.number is not None
        if (self.version_id is not None) == by_number or (self.version_id and (self.model or self.number)):
            raise ValueError("name the version by `version_id`, or by `model` and `number`")
        return self


class CompletionBody(_StepBody):
    """What was done."""

    comment: Rationale = Field(description="What you looked at, and what came of it.")
    evidence: list[Digest] = Field(default_factory=list, max_length=20, description="SHA-256 of files, such as uploaded blobs.")


class ReopeningBody(_StepBody):
    """Why it has to be done again."""

    reason: Rationale = Field(description="Why it has to be done again.")


class StepResult(BaseModel):
    """The step after the command."""

    step: str = Field(description="Its name.", examples=["data-review"])
    complete: bool = Field(description="Whether it is complete now.")
    model_id: str = Field(description="The model.")
    version_id: str = Field(description="The version.")
    environment: str = Field(description="Where the version is to go.", examples=["prod"])
    artifact_sha256: str = Field(description="The bytes that this is about.")
    steps: list[str] = Field(description="The steps that are open again with it; empty after a completion.")


@router.get("", summary="List a version's steps", response_model=StepsOfVersion)
async def get_steps(
    request: Request,
    actor: CurrentActor,
    environment: Annotated[str, Query(max_length=63, description="Where the version is to go.", examples=["prod"])],
    version_id: Annotated[str | None, Query(max_length=36, description="Id of the version.", examples=[VERSION_ID])] = None,
    model: Annotated[
        str | None, Query(max_length=200, pattern=r"^[^\x00-\x1f]+$", description="Id or name of the model.", examples=["fraud"])
    ] = None,
    number: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Number of the version of `model`.", examples=[7])] = None,
) -> Response:
    """In the policy's order, with what people did and who could do what is next. What it shows decides nothing: that is the gate's."""
    if version_id is None and (model is None or number is None):
        raise Malformed("Name the version by `version_id`, or by `model` and `number`.", code="malformed")
    found = await read_steps(service_of(request).pool, environment, version_id, model, number)
    if found is None:
        raise NotFound(
            "There is no such version, or no such environment.",
            code="version_not_found",
            resolve="Check the names. If it was registered a moment ago, send the `Placet-Position` you got then as `Placet-Seen`.",
        )
    return json_response(rendered(found))


@router.post("/{step}/complete", summary="Complete a step", response_model=StepResult)
async def complete(request: Request, actor: CurrentActor, step: StepName, body: CompletionBody) -> Response:
    """Say that a step of people is done, for this model's versions with these bytes in the environment.

    For a person with the step's role, and without a part in the bytes or in a request to sign them off, once the steps before it are
    complete.
    """
    named = (body.environment, body.version_id, body.model, body.number)
    command = StepOfVersion(step, *named, body.comment, tuple(body.evidence))
    return await run_command(request, complete_step, command, read_step_states, present=answering(200))


@router.post("/{step}/reopen", summary="Reopen a step", response_model=StepResult)
async def reopen(request: Request, actor: CurrentActor, step: StepName, body: ReopeningBody) -> Response:
    """Say that a step has to be done again, and with it the steps of people after it: for these bytes, under whichever model.

    For a person with the step's role, and admins. An approval that rested on it stays, and the gate says no until the step is complete.
    """
    command = StepOfVersion(step, body.environment, body.version_id, body.model, body.number, body.reason)
    return await run_command(request, reopen_step, command, present=answering(200))
