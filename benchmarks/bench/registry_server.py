"""The registry served as in production, by uvicorn on uvloop in a process of its own, and beside it two endpoints that do nothing.

Only approval-service is replaced by a stub: one developer, whose token is known here. Run as a module it prints the port.
"""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from bench.profiles import profiling
from placet_registry.api.version_bodies import VersionBody
from placet_registry.app import registry_app
from placet_registry.bootstrap import Neighbours
from placet_registry.settings import RegistrySettings
from placet_shared.access import Actor, Roles
from placet_shared.service.identity import CurrentActor
from placet_shared.telemetry.setup import start_tracing
from placet_shared.tokens import token_hash
from placet_shared.web.server import listen, server_for, spare_the_collector

__all__ = ["NOTHING", "NOTHING_WITH_BODY", "Serving"]

NOTHING = "/v1/nothing"
NOTHING_WITH_BODY = "/v1/nothing-with-body"

idle = APIRouter()


@idle.get(NOTHING)
async def read_nothing(request: Request, actor: CurrentActor) -> Response:
    """Same middleware, same authentication."""
    return Response(b"{}", 200, media_type="application/json")


@idle.post(NOTHING)
async def do_nothing(request: Request, actor: CurrentActor) -> Response:
    """Same middleware, same authentication; the body is not looked at."""
    return Response(b"{}", 201, media_type="application/json")


@idle.post(NOTHING_WITH_BODY)
async def do_nothing_with_body(request: Request, actor: CurrentActor, body: VersionBody) -> Response:
    """And the body of a version is validated."""
    return Response(b"{}", 201, media_type="application/json")


@dataclass(frozen=True, slots=True)
class Serving:
    """The process's options, as JSON in its only argument."""

    database_url: str
    blob_dir: str
    token: str


class OneDeveloper:
    """A stub of approval-service: authenticates by the token's hash, as cached answers are found."""

    def __init__(self, token: str) -> None:
        self._known = {token_hash(token): Actor("person-1", "person", frozenset({Roles.DEVELOPER}), "token-1")}

    async def authenticate(self, token: str) -> Actor | None:
        """The developer, or None for another token."""
        return self._known.get(token_hash(token))

    async def person_id(self, id_or_name: str) -> str | None:
        """Every id is a known person."""
        return id_or_name

    @asynccontextmanager
    async def neighbours(self, settings: RegistrySettings) -> AsyncIterator[Neighbours]:
        """Replaces the registry's connection to approval-service."""
        yield Neighbours(self, self)


def main() -> None:
    """Serve until SIGTERM."""
    serving = Serving(**json.loads(sys.argv[1]))
    settings = RegistrySettings.load(database_url=serving.database_url, blob_dir=Path(serving.blob_dir))
    start_tracing("placet-registry")
    app = registry_app(settings, OneDeveloper(serving.token).neighbours)
    app.include_router(idle)
    app.include_router(profiling)
    with listen("127.0.0.1", 0) as listener:
        print(json.dumps([listener.getsockname()[1]]), flush=True)
        spare_the_collector()
        server_for(app).run(sockets=[listener])


if __name__ == "__main__":
    main()
