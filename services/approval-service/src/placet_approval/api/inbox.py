"""`/v1/inbox`: what waits for the holder of the token, by when, and why them."""

from datetime import datetime
from typing import Annotated

from asyncpg import Pool
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from placet_approval.api.rendering import rendered
from placet_approval.api.sign_off_views import Holder, SignOffSummary
from placet_approval.queries.inbox import read_inbox
from placet_approval.queries.people import read_person
from placet_shared.access import Actor, Roles
from placet_shared.errors import Forbidden, NotFound
from placet_shared.service.identity import CurrentActor
from placet_shared.service.running import service_of
from placet_shared.web.json_responses import json_response

__all__ = ["router"]

router = APIRouter(prefix="/v1/inbox", tags=["sign-offs"])


class ForOther(BaseModel):
    """A person in whose place you may sign."""

    person: Holder = Field(description="Who lets you sign, or whose signature was reassigned to you: `on_behalf_of`.")
    roles: list[str] = Field(description="That person's roles that are still needed.", examples=[["risk-officer"]])
    delegation_id: str | None = Field(description="The delegation; null when the sign-off was reassigned.")


class ToSign(BaseModel):
    """A sign-off that you may sign now."""

    sign_off: SignOffSummary
    roles: list[str] = Field(
        description="Your roles that are still needed; sign in one of them. Empty when you may only sign in another person's place.",
        examples=[["risk-officer"]],
    )
    for_others: list[ForOther] = Field(description="In whose place you may sign it.")
    policy_version: int = Field(description="The version of the environment's policy that asks for them.", examples=[3])
    runs_now: bool = Field(description="Whether exactly these bytes are deployed in the environment now.")
    approved_until: datetime | None = Field(description="Until when the version has a yes there already; null without one.")
    due_at: datetime | None = Field(description="By when: the end of the yes under which it runs, or of the time to decide.")


class ToAnswer(BaseModel):
    """A sign-off that waits for feedback that you could give."""

    sign_off: SignOffSummary = Field(description="The sign-off.")
    groups: list[str] = Field(description="The groups for which you could answer.", examples=[["operations"]])


class ToComplete(BaseModel):
    """A policy's step of a version that you could complete, and whose turn it is."""

    model_id: str = Field(description="The model.")
    model: str | None = Field(description="Its name.", examples=["fraud"])
    version_id: str = Field(description="The version.")
    number: int = Field(description="Its number.", examples=[7])
    environment: str = Field(description="Where it is to go.", examples=["prod"])
    step: str = Field(description="The step of the environment's policy.", examples=["data-review"])
    owner: str = Field(description="The role that answers for it.", examples=["data-office"])
    role: str = Field(description="Your role in which you complete it.", examples=["data-reviewer"])
    since: datetime = Field(description="Since when it is its turn.")
    due_at: datetime | None = Field(description="When it should be complete, where the policy says so.")
    overdue: bool = Field(description="Whether that time is over.")


class Ended(BaseModel):
    """A sign-off that you signed and that has ended: rejected, withdrawn, revoked, invalidated or expired."""

    sign_off: SignOffSummary
    ended_at: datetime


class Inbox(BaseModel):
    """What concerns you."""

    to_sign: list[ToSign] = Field(
        description="First what runs without a yes, then what is due, the earliest first, then what waits longest."
    )
    more_to_sign: bool = Field(description="Whether there may be more than are listed.")
    to_answer: list[ToAnswer] = Field(description="What waits for your feedback, before people sign; what is due first.")
    to_complete: list[ToComplete] = Field(
        description="Steps that wait for you, what is overdue first. Looked at are the oldest open requests, the latest requests, and the "
        "versions that were registered last, a hundred of each."
    )
    requested: list[SignOffSummary] = Field(description="Your last ten requests, the newest first.")
    ended: list[Ended] = Field(description="The last ten that you signed and that ended, the latest end first.")


@router.get("", summary="Read your inbox", response_model=Inbox)
async def get_inbox(
    request: Request,
    actor: CurrentActor,
    limit: Annotated[int, Query(ge=1, le=100, description="How many to sign at most.")] = 20,
    person: Annotated[
        str | None, Query(max_length=100, description="Id or name of another person; for admins and auditors.", examples=["carol"])
    ] = None,
) -> Response:
    """What waits for your signature, what you requested, and what you signed that ended.

    Nothing waits for you that you may not sign: what you requested, signed or had a part in, or whose signatures in your roles are
    complete. What you may sign in another person's place is there too. A service account signs nothing.
    """
    pool = service_of(request).pool
    whose = actor if person is None else await _other(pool, actor, person)
    return json_response(rendered(await read_inbox(pool, whose, limit)))


async def _other(pool: Pool, actor: Actor, person: str) -> Actor:
    view = await read_person(pool, person, asked_by=actor.id, with_email=False)
    if view is None:
        raise NotFound("There is no such person.", code="person_not_found", resolve="GET /v1/people lists ids and names.")
    if view.person_id != actor.id and not actor.roles & {Roles.ADMIN, Roles.AUDITOR}:
        raise Forbidden(
            "Another person's inbox is read by admins and auditors.",
            code="role_required",
            resolve="Read your own, or ask a person with the role admin or auditor.",
        )
    return Actor(id=view.person_id, kind="person", roles=frozenset(view.roles if view.active else ()), token_id="")
