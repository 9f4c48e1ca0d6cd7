"""`/v1/access-policy` and `/v1/access-changes`: whether a second admin confirms what gives access, and what waits for one."""

from collections.abc import Mapping
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from placet_approval.api.parts import approval_of
from placet_approval.api.rendering import rendered
from placet_approval.api.sign_off_views import Holder
from placet_approval.commands.confirm_access_change import (
    ConfirmAccessChange,
    WithdrawAccessChange,
    confirm_access_change,
    withdraw_access_change,
)
from placet_approval.commands.define_access_policy import DefineAccessPolicy, DefinedAccessPolicy, define_access_policy
from placet_approval.domain.written_policy import TakesEffect
from placet_approval.queries.access import list_access_changes, read_access_change, read_access_policy
from placet_shared.access import Roles, allowed, demand_part
from placet_shared.errors import NotFound
from placet_shared.event_store import Answer, UnitOfWork
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answer, answering
from placet_shared.service.running import service_of
from placet_shared.strict_yaml import SIZE_LIMIT, read_aside, read_document
from placet_shared.web.conditional import conditional_response
from placet_shared.web.json_responses import json_response
from placet_shared.web.openapi import document_schema
from placet_shared.web.pages import Page, PageQuery, cut

__all__ = ["AccessPolicyDocument", "router"]

router = APIRouter(tags=["access"])

LISTING = "access-changes"
EXAMPLE = """\
kind: AccessPolicy
two_admins: true           # a second admin confirms roles that decide, tokens of others, policies that ask for less, and `false`
"""
KINDS = {"accesspolicy": "AccessPolicy"}
ChangeId = Annotated[str, Path(max_length=36, description="Id of a change.", examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])]


class AccessPolicyDocument(BaseModel):
    """Who may give access; one document for the whole installation."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Annotated[Literal["AccessPolicy"], BeforeValidator(lambda value: KINDS.get(str(value).lower(), value))] = Field(
        description="Says what the document is."
    )
    two_admins: bool = Field(
        description="Whether a second admin confirms that a person gets a role that decides, that one person makes a token for another, "
        "that a policy asks for less than what is in force or is withdrawn, and that this becomes false."
    )


class DefinedAccess(BaseModel):
    """What is in force."""

    two_admins: bool
    version: int
    changed: bool
    proposed_change: str | None = Field(description="The change that waits for a second admin; until then all stays as it is.")


class AccessPolicyView(BaseModel):
    """What is in force; version 0 where none was ever defined."""

    version: int
    two_admins: bool
    defined_by: str | None
    defined_at: datetime | None


class ClosedAccessChange(BaseModel):
    """The change after the command, in ids."""

    id: str = Field(examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])
    kind: Literal["roles", "token", "access_policy", "policy"]
    state: Literal["confirmed", "withdrawn"]
    person_id: str | None
    environment: str | None = Field(description="Of the policy that it concerns.", examples=["prod"])


class ProposedPolicyView(BaseModel):
    """A policy or floor that asks for less than what is in force, or that is to be withdrawn."""

    policy_id: str = Field(description="The same for all versions.", examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10"])
    environment: str = Field(description="The environment's name.", examples=["prod"])
    name: str | None = Field(description="Null for the environment's own.", examples=["credit"])
    kind: Literal["policy", "floor"] = Field(description="A floor raises policies, and is none by itself.")
    takes_effect: TakesEffect = Field(description="For what it is to count: requests from then on, renewals, or all at once.")
    replaces: int = Field(description="The version in force when it was proposed; 0 where there was none.", examples=[3])
    sha256: str = Field(description="SHA-256 of `content` as sorted compact JSON.")
    content: dict[str, Any] = Field(description="The terms, normalised.")
    weakens: list[str] = Field(description="What it asks less of.", examples=[["fewer signatures, or of other roles"]])
    withdraws: bool = Field(description="Whether the policy is to be withdrawn instead.")


class AccessChangeView(BaseModel):
    """One change of access."""

    id: str = Field(examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])
    kind: Literal["roles", "token", "access_policy", "policy"]
    state: Literal["proposed", "confirmed", "withdrawn"]
    person: Holder | None
    roles: list[str] = Field(description="Roles that the person is to have besides those they have.", examples=[["reviewer"]])
    token_id: str | None = Field(description="A token for the person, whose text the proposer has seen.")
    two_admins: bool | None
    policy: ProposedPolicyView | None = Field(description="What is to be in force in an environment.")
    proposed_by: Holder
    proposed_at: datetime
    decided_by: Holder | None
    decided_at: datetime | None
    version: int


BODY: Mapping[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/yaml": {"schema": {"type": "string", "maxLength": SIZE_LIMIT}, "example": EXAMPLE},
            "application/json": {"schema": document_schema(AccessPolicyDocument)},
        },
    }
}


@router.post("/v1/access-policy", summary="Define the access policy", response_model=DefinedAccess, openapi_extra=dict(BODY))
async def post_access_policy(
    request: Request,
    actor: CurrentActor,
    dry_run: Annotated[bool, Query(description="Only check the document.")] = False,
) -> Response:
    """Needs the role `admin`. `two_admins: true` is in force at once, where there are two admins; `false` waits for a second admin."""
    body = await request.body()
    if dry_run:
        demand_part(actor)
        return json_response((await read_aside(_read, body)).model_dump())
    return await run_command(request, define_written_access_policy, body, present=_defined)


@router.get("/v1/access-policy", summary="Read the access policy", response_model=AccessPolicyView)
async def get_access_policy(request: Request, actor: CurrentActor) -> Response:
    """Whether a second admin confirms what gives access."""
    found = await read_access_policy(service_of(request).pool)
    return conditional_response(request, rendered(found), found.version)


@router.get("/v1/access-changes", summary="List changes of access", response_model=Page[AccessChangeView])
async def get_access_changes(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    open: Annotated[bool, Query(description="Only those that wait for a second admin.")] = False,
) -> Response:
    """The newest first."""
    before = page.after(LISTING, str)
    rows = await list_access_changes(service_of(request).pool, open, before[0] if before else None, page.limit + 1)
    return json_response(cut(rows, page, LISTING, key=lambda row: (row.id,), item=rendered))


@router.get("/v1/access-changes/{change_id}", summary="Read a change of access", response_model=AccessChangeView)
async def get_access_change(request: Request, actor: CurrentActor, change_id: ChangeId) -> Response:
    """One change, and what became of it."""
    found = await read_access_change(service_of(request).pool, change_id)
    if found is None:
        raise NotFound(
            f"There is no change {change_id}.", code="access_change_not_found", resolve="GET /v1/access-changes lists those there are."
        )
    return conditional_response(request, rendered(found), found.version)


@router.post("/v1/access-changes/{change_id}/confirm", summary="Confirm a change of access", response_model=ClosedAccessChange)
async def post_confirmation(request: Request, actor: CurrentActor, change_id: ChangeId) -> Response:
    """Makes it. For an admin who did not propose it, whom it does not concern, and who could not have proposed it with another's token.

    A policy takes effect as it says. Where the environment's policies were changed since the proposal: 409.
    """
    response = await run_command(request, confirm_access_change, ConfirmAccessChange(change_id), present=answering(200, PLACE))
    if response.status_code < 300:
        await approval_of(request).end_outdated_sign_offs()
    return response


@router.post("/v1/access-changes/{change_id}/withdraw", summary="Withdraw a change of access", response_model=ClosedAccessChange)
async def post_withdrawal(request: Request, actor: CurrentActor, change_id: ChangeId) -> Response:
    """Nothing is given by it. For admins."""
    return await run_command(request, withdraw_access_change, WithdrawAccessChange(change_id), present=answering(200, PLACE))


PLACE = "/v1/access-changes/{id}"


def _read(text: str) -> AccessPolicyDocument:
    return read_document(AccessPolicyDocument, text)


@allowed(Roles.ADMIN)
@wraps(define_access_policy)
async def define_written_access_policy(body: bytes, uow: UnitOfWork) -> DefinedAccessPolicy:
    """The use case, for a text that is read when the role is clear."""
    return await define_access_policy(DefineAccessPolicy((await read_aside(_read, body)).two_admins), uow)


def _defined(policy: DefinedAccessPolicy) -> Answer:
    return answer(202 if policy.proposed_change else 200, policy, "/v1/access-policy")
