"""Policies: what each environment asks for, written in YAML, versioned, never edited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from placet_approval.api.parts import approval_of
from placet_approval.api.policy_documents import EXAMPLE, PolicyDocument, read_policy
from placet_approval.api.rendering import rendered
from placet_approval.commands.define_policy import DefinedPolicy as Defined
from placet_approval.commands.define_policy import DefinePolicy, define_policy
from placet_approval.domain.reachable_quorum import Obstacle
from placet_approval.queries.policies import list_policies, read_policies
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

__all__ = ["BODY", "router"]

router = APIRouter(prefix="/v1/policies", tags=["policies"])

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/yaml": {"schema": {"type": "string", "maxLength": SIZE_LIMIT}, "example": EXAMPLE},
            "application/json": {"schema": document_schema(PolicyDocument)},
        },
    }
}


class DefinedPolicy(BaseModel):
    """The version in force."""

    id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10"])
    version: int = Field(examples=[3])
    sha256: str
    environment: str = Field(examples=["prod"])
    changed: bool = Field(description="False when the current version says the same already.")


@dataclass(frozen=True, slots=True)
class CheckedPolicy:
    """What a document means, and what keeps it from being met as things are."""

    environment: str
    sha256: str
    content: Mapping[str, Any]
    obstacles: Sequence[Obstacle]


class PolicyView(BaseModel):
    """One immutable version."""

    policy_id: str = Field(description="The same for all versions of an environment.")
    environment: str = Field(description="The environment's name.", examples=["prod"])
    version: int = Field(description="Counts from 1.", examples=[3])
    sha256: str = Field(description="SHA-256 of `content` as sorted compact JSON; a sign-off is bound to it.")
    mode: Literal["prevent", "warn", "allow"] = Field(
        description="`prevent` denies; `warn` and `allow` let through in spite of what the policy asks for."
    )
    content: dict[str, Any] = Field(description="The terms, normalised.")
    defined_by: str = Field(description="A person's id, or `system:approval` for a shipped policy.")
    defined_at: datetime = Field(description="From when it is in force.")


class EnvironmentPolicies(BaseModel):
    """The version in force, and every version, newest first."""

    environment: str = Field(description="The environment's name.")
    current: PolicyView = Field(description="The version in force.")
    versions: list[PolicyView] = Field(description="All, the newest first.")


@router.post("", status_code=201, summary="Define a policy", response_model=DefinedPolicy, openapi_extra=BODY)
async def post_policy(
    request: Request,
    actor: CurrentActor,
    dry_run: Annotated[bool, Query(description="Only check the document and show what it means; nothing is defined.")] = False,
) -> Response:
    """Define what an environment asks for: 201 and a new version, or 200 when the current version says the same.

    Needs the role `admin`. Sign-offs that were given under an older version are invalidated. The dry run needs any role, and tells what
    keeps the policy from being met: an environment that is not defined, a role that no active person has, a quorum that the people there
    are can't fill. Such a policy can be defined all the same.
    """
    body = await request.body()
    if dry_run:
        demand_part(actor)
        terms = await read_aside(read_policy, body)
        obstacles = await find_obstacles(service_of(request).pool, terms)
        return json_response(rendered(CheckedPolicy(terms.environment, terms.sha256(), terms.content(), obstacles)))
    response = await run_command(request, define_written_policy, body, present=_defined)
    if response.status_code < 300:  # also when nothing changed: an earlier request may have stopped between the command and this
        await approval_of(request).end_outdated_sign_offs()
    return response


@router.get("", summary="List policies", response_model=list[PolicyView])
async def get_policies(request: Request, actor: CurrentActor) -> Response:
    """The policy in force of every environment that has one."""
    return json_response(rendered(await list_policies(service_of(request).pool)))


@router.get("/{environment}", summary="Read an environment's policy", response_model=EnvironmentPolicies)
async def get_policy(
    request: Request,
    actor: CurrentActor,
    environment: Annotated[str, Path(max_length=63, description="Name of an environment.", examples=["prod"])],
) -> Response:
    """The policy in force for one environment, and all its versions."""
    found = await read_policies(service_of(request).pool, environment)
    if found is None:
        raise NotFound(
            f"There is no policy for {environment!r}.", code="policy_not_found", resolve="See GET /v1/policies for those there are."
        )
    return conditional_response(request, rendered(found), found.current.version)


@allowed(Roles.ADMIN)
@wraps(define_policy)
async def define_written_policy(body: bytes, uow: UnitOfWork) -> Defined:
    """The use case, for a text that is read when the role is clear."""
    return await define_policy(DefinePolicy(new_id(), await read_aside(read_policy, body)), uow)


def _defined(policy: Defined) -> Answer:
    return answer(201 if policy.changed else 200, policy, "/v1/policies/{environment}")
