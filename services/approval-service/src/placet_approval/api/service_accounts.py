"""`/v1/service-accounts`: the systems that may act here."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from placet_approval.api.rendering import rendered
from placet_approval.commands.add_service_account import AddServiceAccount, add_service_account
from placet_approval.commands.change_service_account_roles import ChangeServiceAccountRoles, change_service_account_roles
from placet_approval.commands.deactivate_service_account import DeactivateServiceAccount, deactivate_service_account
from placet_approval.domain.names import NAME_ALLOWED, NAME_LENGTH
from placet_approval.domain.roles import ROLE_LENGTH, SERVICE_ACCOUNT_ROLES
from placet_approval.queries.service_accounts import list_service_accounts, read_service_account
from placet_shared.errors import NotFound
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answering
from placet_shared.service.running import service_of
from placet_shared.web.conditional import conditional_response
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut

__all__ = ["router"]

router = APIRouter(prefix="/v1/service-accounts", tags=["service accounts"])

LISTING = "service-accounts"
PLACE = "/v1/service-accounts/{account_id}"
AccountPath = Annotated[str, Path(max_length=100, description="Id or name of a service account.", examples=["ci"])]
RoleList = Annotated[
    list[Annotated[str, Field(max_length=ROLE_LENGTH)]],
    Field(max_length=50, description=f"Of {', '.join(sorted(SERVICE_ACCOUNT_ROLES))}.", examples=[["pipeline"]]),
]


class NewServiceAccount(BaseModel):
    """A new service account."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=NAME_LENGTH, description=f"Unique for ever; {NAME_ALLOWED}.", examples=["ci"])
    roles: RoleList = []


class ServiceAccountRoles(BaseModel):
    """All roles that a service account is to have."""

    model_config = ConfigDict(extra="forbid")

    roles: RoleList


class ChangedServiceAccount(BaseModel):
    """The service account after the command."""

    account_id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c11"])
    name: str = Field(examples=["ci"])
    roles: list[str] = Field(examples=[["pipeline"]])
    active: bool


class ServiceAccountView(BaseModel):
    """One system that may act here."""

    account_id: str = Field(description="Opaque, and never given to another one.", examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c11"])
    name: str = Field(description="Unique among people and service accounts.", examples=["ci"])
    roles: list[str] = Field(description="What it may do; it never approves.", examples=[["pipeline"]])
    active: bool = Field(description="Whether it may act; no token of an inactive account is valid.")
    version: int = Field(description="Of its own stream: the ETag.")
    added_at: datetime = Field(description="When it was added.")
    changed_at: datetime = Field(description="When its roles changed last.")


@router.get("", summary="List service accounts", response_model=Page[ServiceAccountView])
async def get_service_accounts(request: Request, actor: CurrentActor, page: PageQuery) -> Response:
    """In the order in which they were added."""
    (after,) = page.after(LISTING, str) or ("",)
    accounts = await list_service_accounts(service_of(request).pool, after, page.limit + 1)
    return json_response(cut(accounts, page, LISTING, key=lambda account: [account.account_id], item=rendered))


@router.get("/{account}", summary="Read a service account", response_model=ServiceAccountView)
async def get_service_account(request: Request, actor: CurrentActor, account: AccountPath) -> Response:
    """By id or name."""
    view = await read_service_account(service_of(request).pool, account)
    if view is None:
        raise NotFound(
            "There is no such service account.",
            code="service_account_not_found",
            resolve="GET /v1/service-accounts lists ids and names.",
        )
    return conditional_response(request, rendered(view), view.version)


@router.post("", status_code=201, summary="Add a service account", response_model=ChangedServiceAccount)
async def post_service_account(request: Request, actor: CurrentActor, body: NewServiceAccount) -> Response:
    """Needs the role admin. A service account gets no role that may sign: decisions are made by people."""
    command = AddServiceAccount(new_id(), body.name, body.roles)
    return await run_command(request, add_service_account, command, present=answering(201, PLACE))


@router.post("/{account}/roles", summary="Change a service account's roles", response_model=ChangedServiceAccount)
async def post_service_account_roles(request: Request, actor: CurrentActor, account: AccountPath, body: ServiceAccountRoles) -> Response:
    """Needs the role admin. The roles given are all that it has from then on."""
    command = ChangeServiceAccountRoles(account, body.roles)
    return await run_command(request, change_service_account_roles, command, present=answering(200, PLACE))


@router.post("/{account}/deactivate", summary="Deactivate a service account", response_model=ChangedServiceAccount)
async def post_service_account_deactivation(request: Request, actor: CurrentActor, account: AccountPath) -> Response:
    """Needs the role admin. All its tokens are refused from then on; its name stays taken."""
    return await run_command(request, deactivate_service_account, DeactivateServiceAccount(account), present=answering(200, PLACE))
