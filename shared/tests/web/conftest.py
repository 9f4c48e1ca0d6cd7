"""An application with one endpoint for each thing that the shell does, and callers with and without tokens."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator

from placet_shared import errors
from placet_shared.access import Actor
from placet_shared.errors import FieldError
from placet_shared.event_store import EventStore
from placet_shared.service.application import create_app
from placet_shared.service.identity import CurrentActor, require
from placet_shared.service.running import Service
from placet_shared.testing import KnownTokens, no_lifespan, partial_service
from placet_shared.tokens import new_token
from placet_shared.web.conditional import conditional_response
from placet_shared.web.exchange import streamed_body
from placet_shared.web.pages import PageQuery, cut

ERRORS: dict[str, Callable[[], Exception]] = {
    "NotFound": lambda: errors.NotFound("There is no model m.", code="model_not_found", resolve="Register it."),
    "Forbidden": lambda: errors.Forbidden("You may not."),
    "Conflict": lambda: errors.Conflict("It is closed.", code="signoff_closed", since="2026-11-23T14:00:00Z"),
    "Invalid": lambda: errors.Invalid("Nobody.", errors=[FieldError("trainer", "x", "the id of a person")]),
    "Refusal": lambda: errors.Refusal("No."),
    "Malformed": lambda: errors.Malformed("Not understood."),
    "TooLarge": lambda: errors.TooLarge("Too much."),
    "Unauthenticated": lambda: errors.Unauthenticated("Who are you?"),
    "PreconditionFailed": lambda: errors.PreconditionFailed("It changed."),
    "IdempotencyMismatch": lambda: errors.IdempotencyMismatch("Another request."),
    "OutOfRange": lambda: errors.OutOfRange("Not reached."),
    "LostBranch": lambda: errors.OutOfRange("Lost in a restore.", code="lost_branch"),
    "Unavailable": lambda: errors.Unavailable("Down.", retry_after=7),
    "ConnectionError": lambda: ConnectionRefusedError("10.0.0.7:5432 refused"),
    "InternalClientError": lambda: asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
    "Bug": lambda: RuntimeError("the inner secret of the house"),
}


class Lineage(BaseModel):
    model_config = ConfigDict(extra="forbid")
    git_commit: str = Field(pattern=r"^[0-9a-f]{40}$")


class Registration(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=300)
    kind: Literal["onnx", "pickle"] = "onnx"
    parts: int = Field(1, ge=1, le=9)
    lineage: Lineage | None = None
    api_token: int = 0

    @field_validator("name")
    @classmethod
    def _no_spaces(cls, name: str) -> str:
        if " " in name:
            raise ValueError("a name without spaces")
        return name


router = APIRouter()


@router.get("/raise/{name}")
async def raise_error(name: str) -> None:
    raise ERRORS[name]()


@router.get("/half")
async def half_an_answer() -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"half"
        raise RuntimeError("the inner secret of the house")

    return StreamingResponse(chunks())


@router.post("/registrations")
async def register(registration: Registration) -> Registration:
    return registration


@router.get("/whoami")
async def whoami(actor: CurrentActor) -> dict[str, Any]:
    return {"id": actor.id, "token_id": actor.token_id}


@router.get("/audit")
async def audit(actor: Annotated[Actor, Depends(require("auditor", "admin"))]) -> dict[str, str]:
    return {"id": actor.id}


@router.get("/versioned")
async def versioned(request: Request) -> Response:
    return conditional_response(request, {"name": "m"}, 3)


@router.get("/numbers")
async def numbers(page: PageQuery) -> dict[str, Any]:
    (last,) = page.after("numbers", int) or (0,)
    rows = [number for number in range(1, 121) if number > last][: page.limit + 1]
    return cut(rows, page, "numbers", key=lambda number: [number], item=lambda number: {"number": number})


@router.put("/streamed", dependencies=[Depends(streamed_body)])
async def streamed(request: Request) -> dict[str, int]:
    return {"bytes": sum([len(chunk) async for chunk in request.stream()])}


@dataclass
class Parts:
    """What a test may exchange in the probe application's service while it runs."""

    authenticator: KnownTokens
    store: Any = None
    seen: Callable[[str], Awaitable[None]] | None = None

    async def authenticate(self, token: str) -> Actor | None:
        return await self.authenticator.authenticate(token)


@dataclass(frozen=True, kw_only=True)
class ProbeService(Service):
    parts: Parts

    @property
    def store(self) -> EventStore:
        return cast(EventStore, self.parts.store)

    async def seen(self, header: str) -> None:
        if self.parts.seen:
            await self.parts.seen(header)

    def stop_waiting(self) -> None:
        """It has no feed for which a request could wait."""


def probe_service(parts: Parts) -> ProbeService:
    service = partial_service(authenticator=parts)
    return ProbeService(base=service.base, authentication=service.authentication, parts=parts)


def actor_with(*roles: str) -> Actor:
    return Actor("0193a2f0-0000-7000-8000-000000000001", "person", frozenset(roles), "0193a2f0-0000-7000-8000-00000000000a")


@pytest.fixture
def developer_token() -> str:
    return new_token()


@pytest.fixture
def auditor_token() -> str:
    return new_token()


@pytest.fixture
def parts(developer_token: str, auditor_token: str) -> Parts:
    return Parts(KnownTokens({developer_token: actor_with("developer"), auditor_token: actor_with("auditor")}))


@pytest.fixture
def build_app(parts: Parts) -> Callable[..., FastAPI]:
    """Builds the probe application, with further routers and ready checks."""

    def build(*routers: APIRouter, **options: Any) -> FastAPI:
        app = create_app(
            title="Probe",
            source="probe",
            version="1",
            description="Every part of the shell.",
            lifespan=options.pop("lifespan", no_lifespan),
            routers=[router, *routers],
            **options,
        )
        app.state.service = probe_service(parts)
        return app

    return build


@pytest.fixture
def app(build_app: Callable[..., FastAPI]) -> FastAPI:
    return build_app()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture
def connect_to() -> Callable[[FastAPI], httpx.AsyncClient]:
    return client_of


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://probe")
