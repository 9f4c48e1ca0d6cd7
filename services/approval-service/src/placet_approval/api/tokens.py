"""`/v1/tokens`: access tokens are issued, shown once, listed, revoked, and looked up by the other services."""

from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field

from placet_approval.api.rendering import rendered
from placet_approval.commands.issue_token import IssuedToken as Issued
from placet_approval.commands.issue_token import IssueToken, issue_token
from placet_approval.commands.revoke_token import RevokeToken, revoke_token
from placet_approval.queries.credentials import find_credentials
from placet_approval.queries.tokens import list_tokens, read_token
from placet_shared.access import Actor, Roles
from placet_shared.errors import NotFound
from placet_shared.event_store import Answer
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor, require
from placet_shared.service.presenting import answer
from placet_shared.service.running import service_of
from placet_shared.tokens import new_token, token_hash
from placet_shared.web.json_responses import json_response
from placet_shared.web.openapi import NOT_A_COMMAND
from placet_shared.web.pages import Page, PageQuery, cut
from placet_shared.web.timestamps import Timestamp

__all__ = ["router"]

router = APIRouter(prefix="/v1/tokens", tags=["tokens"])

LISTING = "tokens"
TokenPath = Annotated[str, Path(max_length=100, description="Id of a token.")]


class NewToken(BaseModel):
    """The token's holder and its expiry."""

    model_config = ConfigDict(extra="forbid")

    holder: str | None = Field(
        None, max_length=100, description="Id or name of a person or a service account; by default yourself.", examples=["ci"]
    )
    expires_at: Timestamp | None = Field(
        None, description="Null: it does not expire. It can be revoked at any time.", examples=["2027-06-30T00:00:00Z"]
    )


class IssuedToken(BaseModel):
    """The one answer that has the token's text."""

    token_id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c12"])
    holder_id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c11"])
    holder_kind: Literal["person", "service_account"]
    expires_at: datetime | None
    proposed_change: str | None = Field(
        description="The change that waits for a second admin, where the access policy asks for one; the token is not valid before."
    )
    token: str | None = Field(
        description="Keep it: it is stored nowhere. Null when a request is repeated with its Idempotency-Key; if you did not receive the "
        "first answer, revoke this token and issue another."
    )
    shown: Literal["once"]


class Revocation(BaseModel):
    """Why a token is revoked."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(None, max_length=4000, description="Free text, kept beside the events.", examples=["Laptop lost"])


class RevokedToken(BaseModel):
    """The token after the command."""

    token_id: str
    holder_id: str
    revoked: Literal[True]


class Question(BaseModel):
    """A token by its hash, so that its text need not be sent."""

    model_config = ConfigDict(extra="forbid")

    token_sha256: str = Field(pattern="^[0-9a-f]{64}$", max_length=64, description="SHA-256 of the token's text, lower-case hex.")


class TokenActor(BaseModel):
    """The token's holder."""

    id: str
    kind: Literal["person", "service_account"]
    roles: list[str]


class Introspection(BaseModel):
    """Whether a token is valid now, and its holder; all null when it is not."""

    active: bool
    actor: TokenActor | None = None
    token_id: str | None = None
    expires_at: datetime | None = None


class TokenView(BaseModel):
    """One token. Its text was shown once, when it was issued, and is not stored."""

    token_id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c12"])
    holder_id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10"])
    holder_kind: Literal["person", "service_account"]
    state: Literal["active", "revoked", "expired", "holder_inactive"] = Field(description="Only an active one is accepted.")
    version: int
    issued_at: datetime
    issued_by: str = Field(description="Id of who issued it.")
    expires_at: datetime | None = Field(description="Null: it does not expire.")
    revoked_at: datetime | None
    revoked_by: str | None


@router.get("", summary="List tokens", response_model=Page[TokenView])
async def get_tokens(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    holder: Annotated[str | None, Query(max_length=100, description="Id or name of a person or a service account.")] = None,
) -> Response:
    """In the order in which they were issued, revoked and expired ones too."""
    (after,) = page.after(LISTING, str) or ("",)
    tokens = await list_tokens(service_of(request).pool, after, page.limit + 1, holder=holder)
    return json_response(cut(tokens, page, LISTING, key=lambda token: [token.token_id], item=rendered))


@router.get("/{token}", summary="Read about a token", response_model=TokenView)
async def get_token(request: Request, actor: CurrentActor, token: TokenPath) -> Response:
    """Everything but its text, which only the holder has."""
    view = await read_token(service_of(request).pool, token)
    if view is None:
        raise NotFound("There is no such token.", code="token_not_found", resolve="GET /v1/tokens lists the ids.")
    return json_response(rendered(view))


@router.post("", status_code=201, summary="Issue a token", response_model=IssuedToken)
async def post_token(request: Request, actor: CurrentActor, body: NewToken) -> Response:
    """People issue tokens for themselves, an admin for any holder. The text is in this answer and nowhere else."""
    text = new_token()
    command = IssueToken(new_id(), body.holder or actor.id, token_hash(text), body.expires_at)
    response = await run_command(request, issue_token, command, present=_without_text)
    return _showing(text, command.token_id, response)


@router.post("/{token}/revoke", summary="Revoke a token", response_model=RevokedToken)
async def post_token_revocation(request: Request, actor: CurrentActor, token: TokenPath, body: Revocation | None = None) -> Response:
    """People revoke their own tokens, an admin any token. This service refuses it from this answer on, the others within
    the time that the answer of an introspection may be remembered."""
    return await run_command(request, revoke_token, RevokeToken(token, body.reason if body else None))


@router.post("/introspect", summary="Introspect a token", response_model=Introspection, openapi_extra=NOT_A_COMMAND)
async def post_introspection(request: Request, actor: Annotated[Actor, Depends(require(Roles.SERVICE))], body: Question) -> Response:
    """For services only. Revocation, expiry and deactivation count as of this moment."""
    known = await find_credentials(service_of(request).pool, [body.token_sha256])
    if (found := known.get(body.token_sha256)) is None:
        return json_response(Introspection(active=False))
    who = TokenActor(id=found.actor.id, kind=found.actor.kind, roles=sorted(found.actor.roles))
    return json_response(Introspection(active=True, actor=who, token_id=found.actor.token_id, expires_at=found.expires_at))


def _without_text(issued: Issued) -> Answer:
    """The answer that is stored under the idempotency key, without the token's text."""
    kept = answer(201, issued, "/v1/tokens/{token_id}")
    return replace(kept, body={**kept.body, "token": None, "shown": "once"})


def _showing(text: str, token_id: str, response: Response) -> Response:
    """The answer to this request, with the token's text unless it is a stored answer."""
    body: dict[str, Any] = orjson.loads(response.body)
    if response.status_code != 201 or body["token_id"] != token_id:
        return response
    headers = {name: value for name, value in response.headers.items() if name not in ("content-length", "content-type")}
    return json_response({**body, "token": text}, 201, headers)
