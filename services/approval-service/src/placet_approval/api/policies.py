"""Policies: what each environment asks for, written in YAML, versioned, never edited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from placet_approval.api.floor_documents import DefiningDocument, read_policy
from placet_approval.api.parts import approval_of
from placet_approval.api.policy_documents import EXAMPLE
from placet_approval.api.rendering import rendered
from placet_approval.commands.define_policy import DefinedPolicy as Defined
from placet_approval.commands.define_policy import DefinePolicy, define_policy
from placet_approval.commands.withdraw_policy import WithdrawnPolicy as Withdrawn
from placet_approval.commands.withdraw_policy import WithdrawPolicy, withdraw_policy
from placet_approval.domain.reachable_quorum import Obstacle
from placet_approval.domain.weakened_set import weakened
from placet_approval.domain.written_policy import TakesEffect
from placet_approval.queries.concerned_models import concerned_models
from placet_approval.queries.policies import list_policies, read_policies
from placet_approval.queries.policies_in_force import read_in_force
from placet_approval.queries.policy_obstacles import find_obstacles
from placet_shared.access import Roles, allowed, demand_part
from placet_shared.errors import NotFound
from placet_shared.event_store import Answer, UnitOfWork
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answer
from placet_shared.service.running import service_of
from placet_shared.strict_yaml import SIZE_LIMIT, read_aside
from placet_shared.web.conditional import conditional_response
from placet_shared.web.json_responses import json_response
from placet_shared.web.openapi import document_schema
from placet_shared.web.timestamps import Timestamp

__all__ = ["BODY", "router"]

router = APIRouter(prefix="/v1/policies", tags=["policies"])

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/yaml": {"schema": {"type": "string", "maxLength": SIZE_LIMIT}, "example": EXAMPLE},
            "application/json": {"schema": document_schema(DefiningDocument)},
        },
    }
}


Environment = Annotated[str, Path(max_length=63, description="Name of an environment.", examples=["prod"])]
Name = Annotated[str, Path(max_length=63, description="Name of a policy for some models, or of a floor.", examples=["credit"])]


class PolicyWithdrawalBody(BaseModel):
    """Why a policy is no longer needed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str = Field(min_length=1, max_length=4000, description="Free text, kept beside the event.")


class WithdrawnPolicy(BaseModel):
    """It counts for no request any more."""

    id: str = Field(description="The policy's.")
    environment: str = Field(description="The environment's name.", examples=["prod"])
    name: str = Field(description="The policy's.", examples=["credit"])
    version: int = Field(description="The last that counted.", examples=[3])
    proposed_change: str | None = Field(description="The change of access that waits for a second admin; until then it counts.")


class DefinedPolicy(BaseModel):
    """The version in force."""

    id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10"])
    version: int = Field(examples=[3])
    sha256: str
    environment: str = Field(examples=["prod"])
    name: str | None = Field(description="Null for the environment's own.", examples=["credit"])
    takes_effect: TakesEffect = Field(description="For what it counts: requests from now on, renewals, or all at once.")
    changed: bool = Field(description="False when the current version says the same already, or while `proposed_change` waits.")
    proposed_change: str | None = Field(description="The change of access that waits for a second admin; until then all stays as it is.")
    weakens: list[str] = Field(description="What it asks less of than is in force, where a second admin must confirm that.")


@dataclass(frozen=True, slots=True)
class CheckedPolicy:
    """What a document means, what it asks less of than the version in force, and what keeps it from being met as things are."""

    environment: str
    name: str | None
    kind: Literal["policy", "floor"]
    sha256: str
    content: Mapping[str, Any]
    takes_effect: TakesEffect
    concerned: Sequence[str]
    concerned_in_all: int
    obstacles: Sequence[Obstacle]
    weakens: Sequence[str]


class PolicyView(BaseModel):
    """One immutable version."""

    policy_id: str = Field(description="The same for all versions of a policy.")
    environment: str = Field(description="The environment's name.", examples=["prod"])
    name: str | None = Field(description="Null for the environment's own, which is for every model that no other one selects.")
    kind: Literal["policy", "floor"] = Field(description="A floor raises policies, and is none by itself.")
    version: int = Field(description="Counts from 1.", examples=[3])
    sha256: str = Field(description="SHA-256 of `content` as sorted compact JSON; a sign-off is bound to it.")
    mode: Literal["prevent", "warn", "allow"] | None = Field(
        description="`prevent` denies; `warn` and `allow` let through in spite of what the policy asks for. Null in a floor without."
    )
    takes_effect: TakesEffect = Field(description="For what it counts: requests from then on, renewals, or all at once.")
    content: dict[str, Any] = Field(description="The terms, normalised, and with `for` the models that it is for.")
    defined_by: str = Field(description="A person's id, or `system:approval` for a shipped policy.")
    defined_at: Timestamp = Field(description="From when it counts.")
    withdrawn_at: Timestamp | None = Field(description="From when the policy counts for no request any more; null while it does.")


class EnvironmentPolicies(BaseModel):
    """The environment's own policy with every version, newest first, and the policies for some models."""

    environment: str = Field(description="The environment's name.")
    current: PolicyView | None = Field(description="The newest version of its own policy; null while it has none.")
    versions: list[PolicyView] = Field(description="All of its own policy, the newest first.")
    for_models: list[PolicyView] = Field(description="All of the policies for some models and of floors, by name, the newest first.")
    revision: int = Field(description="How many events there are about the environment's policies: the `ETag`.")


@router.post("", status_code=201, summary="Define a policy", response_model=DefinedPolicy, openapi_extra=BODY)
async def post_policy(
    request: Request,
    actor: CurrentActor,
    dry_run: Annotated[bool, Query(description="Only check the document and show what it means; nothing is defined.")] = False,
) -> Response:
    """Define what an environment asks for, of all models or of some: 201 and a new version, or 200 when the current version says the same.

    Where the access policy asks for two admins, one that asks for less than what is in force is proposed: 202, and a second admin
    confirms it at `/v1/access-changes`.

    Needs the role `admin`. Sign-offs go on under the version that they are bound to, unless the new one says `takes_effect: immediately`:
    then those that are bound to a version before are invalidated. The dry run needs any role, and tells what
    keeps the policy from being met: an environment that is not defined, a role that no active person has, a quorum that the people there
    are can't fill. Such a policy can be defined all the same.
    """
    body = await request.body()
    if dry_run:
        demand_part(actor)
        written = await read_aside(read_policy, body)
        obstacles = await find_obstacles(service_of(request).pool, written.terms)
        concerned, in_all = await concerned_models(service_of(request).pool, written)
        said = (written.sha256(), written.content(), written.takes_effect)
        kind: Literal["policy", "floor"] = "floor" if written.is_floor else "policy"
        weaker = weakened(await read_in_force(service_of(request).pool, written.environment), written)
        checked = CheckedPolicy(written.environment, written.name, kind, *said, concerned, in_all, obstacles, weaker)
        return json_response(rendered(checked))
    response = await run_command(request, define_written_policy, body, present=_defined)
    if response.status_code < 300:  # also when nothing changed: an earlier request may have stopped between the command and this
        await approval_of(request).end_outdated_sign_offs()
    return response


@router.get("", summary="List policies", response_model=list[PolicyView])
async def get_policies(request: Request, actor: CurrentActor) -> Response:
    """The newest version of every policy that was not withdrawn."""
    return json_response(rendered(await list_policies(service_of(request).pool)))


@router.get("/{environment}", summary="Read an environment's policy", response_model=EnvironmentPolicies)
async def get_policy(
    request: Request,
    actor: CurrentActor,
    environment: Environment,
) -> Response:
    """One environment's own policy, those for some models, and all their versions. The `ETag` counts all that was defined there."""
    found = await read_policies(service_of(request).pool, environment)
    if found is None:
        raise NotFound(
            f"There is no policy for {environment!r}.", code="policy_not_found", resolve="See GET /v1/policies for those there are."
        )
    return conditional_response(request, rendered(found), found.revision)


@router.post("/{environment}/{name}/withdrawal", status_code=201, summary="Withdraw a policy", response_model=WithdrawnPolicy)
async def withdraw_a_policy(
    request: Request, actor: CurrentActor, environment: Environment, name: Name, body: PolicyWithdrawalBody
) -> Response:
    """For admins. A policy for some models, or a floor, counts for no request any more; sign-offs that are bound to it stay so, until they
    end. An environment's own policy can't be withdrawn, only replaced. Where the access policy asks for two admins it is proposed: 202,
    and a second admin confirms it at `/v1/access-changes`. 409 `policy_withdrawn`."""
    command = WithdrawPolicy(environment, name, body.reason)
    return await run_command(request, withdraw_policy, command, present=_withdrawn)


@allowed(Roles.ADMIN)
@wraps(define_policy)
async def define_written_policy(body: bytes, uow: UnitOfWork) -> Defined:
    """The use case, for a text that is read when the role is clear."""
    return await define_policy(DefinePolicy(new_id(), await read_aside(read_policy, body)), uow)


def _defined(policy: Defined) -> Answer:
    status = 202 if policy.proposed_change else 201 if policy.changed else 200
    return answer(status, policy, "/v1/policies/{environment}")


def _withdrawn(policy: Withdrawn) -> Answer:
    return answer(202 if policy.proposed_change else 201, policy, "/v1/policies/{environment}")
