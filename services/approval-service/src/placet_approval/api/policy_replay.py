"""`POST /v1/policies/replay`: what a draft would have made of the past sign-offs of its environment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from placet_approval.api.floor_documents import read_policy
from placet_approval.api.parts import approval_of
from placet_approval.api.policies import BODY
from placet_approval.api.rendering import rendered
from placet_approval.domain.policy_replay import Outcome
from placet_approval.domain.replayed_reasons import Effect, ReplayReason
from placet_approval.queries.policy_replay import MOST_SIGN_OFFS, ReplayOptions, replay_policy
from placet_shared.access import demand_part
from placet_shared.errors import Unavailable
from placet_shared.service.identity import CurrentActor
from placet_shared.service.running import service_of
from placet_shared.strict_yaml import read_aside
from placet_shared.web.json_responses import json_response
from placet_shared.web.timestamps import Timestamp

__all__ = ["router"]

router = APIRouter(prefix="/v1/policies", tags=["policies"])

TURN_WITHIN_SECONDS = 20


class ReplayCount(BaseModel):
    """How many sign-offs have this reason."""

    reason: ReplayReason = Field(description="What the draft has against them.", examples=["verification_stale"])
    effect: Effect = Field(description="What follows from it; the strongest of a sign-off's reasons is its outcome.")
    sign_offs: int = Field(description="A sign-off may have several reasons.", examples=[12])


class ReplayedReason(BaseModel):
    """One reason of a sign-off."""

    reason: ReplayReason = Field(description="What the draft has against it.", examples=["more_signatures"])
    detail: str = Field(description="The same in words.", examples=["1 × reviewer more"])
    people: list[str] = Field(description="Ids of signers whom the draft excludes.")


class ReplayedExample(BaseModel):
    """A sign-off that the draft would have changed."""

    sign_off_id: str = Field(description="The sign-off's id.")
    model_id: str = Field(description="The model's id.")
    model: str | None = Field(description="The model's name.", examples=["fraud"])
    number: int | None = Field(description="The version's number.", examples=[3])
    state: str = Field(description="What became of it.", examples=["approved"])
    outcome: Outcome = Field(description="What would have become of it.")
    requested_at: datetime = Field(description="When its last round was requested.")
    decided_at: datetime = Field(description="When it was approved; of one that never was, when it was last signed.")
    reasons: list[ReplayedReason] = Field(description="Everything that the draft has against it.")
    waits_at_least_seconds: int | None = Field(description="The least extra time, where the draft asks for time; null where it does not.")


class AskedRoles(BaseModel):
    """How often people with one of these roles were asked, and would have been."""

    any_of: list[str] = Field(description="The roles.", examples=[["reviewer"]])
    feedback: bool = Field(description="Whether for feedback; otherwise for signatures.")
    then: int = Field(description="How many the policies of that time asked for.")
    with_draft: int = Field(description="How many the draft would have asked for.")


class PersonAsked(BaseModel):
    """A person who holds one of the draft's signing roles today."""

    person_id: str = Field(description="The person's id.")
    name: str | None = Field(description="The person's name; null after an erasure.")
    signed: int = Field(description="Approvals that they signed.")
    may_be_asked: int = Field(description="Approvals in which a signature would have been missing that they could give.")
    must_be_asked: int = Field(description="Of these, those for which no more such people are left than signatures are missing.")


class PolicyReplay(BaseModel):
    """What a draft would have made of the sign-offs of its environment."""

    environment: str = Field(description="The environment that the draft is for.", examples=["prod"])
    since: datetime = Field(description="Sign-offs that were first requested since then.")
    replayed: int = Field(description="How many they are.")
    complete: bool = Field(
        description="False where there are more than `most`, or more than two minutes suffice for: the newest were replayed."
    )
    same: int = Field(description="The draft would have changed nothing.")
    blocked: int = Field(description="Approved then; something other than more people or more time would have been missing.")
    delayed: int = Field(description="Approved then; more people or more time would have been needed.")
    let_through: int = Field(description="Refused, ended or still open; all that the draft asks for was there before that.")
    not_known: int = Field(description="History does not tell.")
    reasons: list[ReplayCount] = Field(description="Of those that are blocked, delayed or not known, the most frequent first.")
    shorter_validity: int = Field(description="Approvals that would have been given for a shorter time.")
    longer_validity: int = Field(description="Approvals that would have been given for a longer time.")
    ended_by_now: int = Field(description="Approvals in force now whose time would be over.")
    examples: list[ReplayedExample] = Field(description="Of each outcome the newest few.")
    roles: list[AskedRoles] = Field(description="Those who would have been asked more often first.")
    people: list[PersonAsked] = Field(description="At most 20, those who could least be done without first.")
    people_in_all: int | None = Field(description="How many people may be asked; null where more than a thousand hold the roles.")
    without_people: int = Field(description="Approvals for which fewer people hold the roles today than signatures are missing.")
    not_replayed: list[str] = Field(
        description="Fields of the draft that change no past decision, or of which history does not tell.", examples=[["signers_must_stay"]]
    )


@router.post("/replay", summary="Replay history under a draft policy", response_model=PolicyReplay, openapi_extra=BODY)
async def post_policy_replay(
    request: Request,
    actor: CurrentActor,
    since: Annotated[
        Timestamp | None,
        Query(description="First requested since then; left out: in the last 180 days.", examples=["2026-06-01T00:00:00Z"]),
    ] = None,
    most: Annotated[int, Query(ge=1, le=MOST_SIGN_OFFS, description="So many sign-offs at most, the newest.")] = MOST_SIGN_OFFS,
    examples: Annotated[int, Query(ge=0, le=50, description="So many examples of each outcome at most.")] = 5,
) -> Response:
    """Which past sign-offs the document would have blocked, delayed or let through, and whom it would ask more often. Needs any role, and
    changes nothing.

    Replayed are sign-offs of the models that it would be in force for, by their tags of today; a floor as the environment's own policy
    raised by it, 409 `no_policy` where there is none. It takes what people did as given: the same people sign at the same time. Where
    history does not tell, such as which other roles a signer had then, the outcome is `not_known`. What the document says of times to come
    changes no past decision. One replay runs at a time, for at most two minutes.
    """
    demand_part(actor)
    draft = await read_aside(read_policy, await request.body())
    async with _turn(approval_of(request).replaying):
        found = await replay_policy(service_of(request).pool, draft, ReplayOptions(since, most, examples))
    return json_response(rendered(found))


@asynccontextmanager
async def _turn(lane: asyncio.Semaphore) -> AsyncIterator[None]:
    """A long replay of one caller keeps another waiting, and no other request; raises `Unavailable` where its turn does not come."""
    try:
        async with asyncio.timeout(TURN_WITHIN_SECONDS):
            await lane.acquire()
    except TimeoutError as error:
        raise Unavailable("Another replay is running; one runs at a time.", code="replay_running", retry_after=10) from error
    try:
        yield
    finally:
        lane.release()
