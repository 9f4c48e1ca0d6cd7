"""`/v1/people`: people, their roles, and their names until these are erased."""

from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from placet_approval.api.parts import approval_of
from placet_approval.api.rendering import rendered
from placet_approval.commands.add_person import AddPerson, add_person
from placet_approval.commands.change_address import ChangeAddress, change_address
from placet_approval.commands.change_person_roles import ChangePersonRoles, change_person_roles
from placet_approval.commands.deactivate_person import DeactivatePerson, deactivate_person
from placet_approval.commands.erase_person import ErasePerson, erase_person
from placet_approval.domain.names import DISPLAY_NAME_LENGTH, EMAIL_LENGTH, NAME_ALLOWED, NAME_LENGTH
from placet_approval.domain.roles import ROLE_LENGTH
from placet_approval.queries.people import list_people, read_person
from placet_shared.access import Actor, Roles
from placet_shared.errors import NotFound
from placet_shared.event_store import UseCase
from placet_shared.identifiers import new_id
from placet_shared.postgres.errors import DATABASE_ERRORS, is_unique_violation
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answering
from placet_shared.service.running import service_of
from placet_shared.web.conditional import conditional_response
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut

__all__ = ["router"]

router = APIRouter(prefix="/v1/people", tags=["people"])

C = TypeVar("C")

LISTING = "people"
PLACE = "/v1/people/{person_id}"
PersonPath = Annotated[str, Path(max_length=100, description="Id or name of a person.", examples=["carol"])]
RoleList = Annotated[
    list[Annotated[str, Field(max_length=ROLE_LENGTH)]],
    Field(
        max_length=50,
        description=f"{', '.join(sorted(value for name, value in vars(Roles).items() if name.isupper()))}; a policy may name others.",
        examples=[["risk-officer"]],
    ),
]


class NewPerson(BaseModel):
    """A new person."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=NAME_LENGTH, description=f"Unique; {NAME_ALLOWED}.", examples=["carol"])
    display_name: str | None = Field(
        None,
        max_length=DISPLAY_NAME_LENGTH,
        description=f"1 to {DISPLAY_NAME_LENGTH} characters; by default the name.",
        examples=["Carol Danvers"],
    )
    email: str | None = Field(
        None, max_length=EMAIL_LENGTH, description=f"At most {EMAIL_LENGTH} characters.", examples=["carol@example.org"]
    )
    roles: RoleList = []


class PersonRoles(BaseModel):
    """All roles that a person is to have."""

    model_config = ConfigDict(extra="forbid")

    roles: RoleList


class PersonAddress(BaseModel):
    """Where mail goes."""

    model_config = ConfigDict(extra="forbid")

    email: str | None = Field(
        max_length=EMAIL_LENGTH, description="Null: no mail is sent; what waits stays in the inbox.", examples=["carol@example.org"]
    )


class ChangedPerson(BaseModel):
    """The person after the command; names are read with GET."""

    person_id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10"])
    roles: list[str] = Field(examples=[["risk-officer"]])
    active: bool
    erased: bool
    proposed_change: str | None = Field(
        description="The change that waits for a second admin, where the access policy asks for one; its roles are not in `roles` yet."
    )


class PersonView(BaseModel):
    """One person. After an erasure the id stays and the names are null."""

    person_id: str = Field(description="Opaque, and never given to another person.", examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10"])
    name: str | None = Field(description="Unique among people and service accounts.", examples=["carol"])
    display_name: str | None = Field(description="Null without one.", examples=["Carol Danvers"])
    email: str | None = Field(description="Shown to admins and to the person only.", examples=["carol@example.org"])
    roles: list[str] = Field(description="What the person may do.", examples=[["risk-officer"]])
    active: bool = Field(description="Whether the person may act; no token of an inactive person is valid.")
    erased: bool = Field(description="Whether the names were erased.")
    version: int = Field(description="Of the person's own stream: the ETag.")
    added_at: datetime = Field(description="When the person was added.")
    changed_at: datetime = Field(description="When roles or names changed last.")
    erased_at: datetime | None = Field(description="Null until then.")


@router.get("", summary="List people", response_model=Page[PersonView])
async def get_people(request: Request, actor: CurrentActor, page: PageQuery) -> Response:
    """In the order in which they were added."""
    (after,) = page.after(LISTING, str) or ("",)
    pool = service_of(request).pool
    people = await list_people(pool, after, page.limit + 1, asked_by=actor.id, with_email=_sees_emails(actor))
    return json_response(cut(people, page, LISTING, key=lambda person: [person.person_id], item=rendered))


@router.get("/{person}", summary="Read a person", response_model=PersonView)
async def get_person(request: Request, actor: CurrentActor, person: PersonPath) -> Response:
    """After an erasure the id is still known and the names are null."""
    pool = service_of(request).pool
    view = await read_person(pool, person, asked_by=actor.id, with_email=_sees_emails(actor))
    if view is None:
        raise NotFound("There is no such person.", code="person_not_found", resolve="GET /v1/people lists ids and names.")
    return conditional_response(request, rendered(view), view.version)


@router.post("", status_code=201, summary="Add a person", response_model=ChangedPerson)
async def post_person(request: Request, actor: CurrentActor, body: NewPerson) -> Response:
    """Needs the role admin. The names never enter an event and can be erased."""
    command = AddPerson(new_id(), body.name, body.display_name or body.name, body.email, body.roles)

    async def run() -> Response:
        return await run_command(request, add_person, command, present=answering(201, PLACE))

    try:
        return await run()
    except DATABASE_ERRORS as error:
        if not is_unique_violation(error):
            raise
        # A concurrent request took the name; on the retry the command finds it taken.
        return await run()


@router.post("/{person}/roles", summary="Change a person's roles", response_model=ChangedPerson)
async def post_person_roles(request: Request, actor: CurrentActor, person: PersonPath, body: PersonRoles) -> Response:
    """Needs the role admin. The roles given are all that the person has from then on."""
    return await _change(request, change_person_roles, ChangePersonRoles(person, body.roles))


@router.post("/{person}/address", summary="Change where a person's mail goes", response_model=ChangedPerson)
async def post_person_address(request: Request, actor: CurrentActor, person: PersonPath, body: PersonAddress) -> Response:
    """Your own, or as an admin any. The address before is told of it, and no event and no answer has either."""
    return await run_command(request, change_address, ChangeAddress(person, body.email), present=answering(200, PLACE))


@router.post("/{person}/deactivate", summary="Deactivate a person", response_model=ChangedPerson)
async def post_person_deactivation(request: Request, actor: CurrentActor, person: PersonPath) -> Response:
    """Needs the role admin. All the person's tokens are refused from then on."""
    return await _change(request, deactivate_person, DeactivatePerson(person))


@router.post("/{person}/erase", summary="Erase a person's names", response_model=ChangedPerson)
async def post_person_erasure(request: Request, actor: CurrentActor, person: PersonPath) -> Response:
    """Needs the role admin. Name, display name and e-mail are deleted permanently; history keeps the id. Deactivates the person too."""
    return await _change(request, erase_person, ErasePerson(person))


async def _change(request: Request, use_case: UseCase[C, Any], command: C) -> Response:
    response = await run_command(request, use_case, command, present=answering(200, PLACE))
    if response.status_code < 300:  # a policy may ask that signers stay
        await approval_of(request).end_outdated_sign_offs()
    return response


def _sees_emails(actor: Actor) -> bool:
    return Roles.ADMIN in actor.roles
