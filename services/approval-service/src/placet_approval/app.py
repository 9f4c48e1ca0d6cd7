"""The ASGI application of approval-service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from placet_approval.api import ROUTERS, TAGS
from placet_approval.bootstrap import OpenSources, Services, open_services, open_sources
from placet_approval.settings import ApprovalSettings
from placet_shared.asyncapi import asyncapi_router
from placet_shared.bus.parked_routes import PARKED_TAG
from placet_shared.bus.parked_routes import router as parked_router
from placet_shared.bus.routes import router as feed_router
from placet_shared.web.application import create_app

__all__ = ["approval_app"]

DESCRIPTION = """\
People and their roles, policies, sign-offs and the gate.

Whoever may act has an access token, whose text is shown once. What an environment asks for is a policy; that a version may go
there is a sign-off, bound to the artifact's bytes, the evidence, the policy and the environment.
"""


def approval_app(settings: ApprovalSettings, sources: OpenSources = open_sources, **options: float) -> FastAPI:
    """The application; it connects when it starts. `options` are those of `open_services`."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings, sources, **options) as services:
            app.state.placet = services
            yield

    return create_app(
        title="Placet approval",
        source="approval",
        version=_version(),
        description=DESCRIPTION,
        lifespan=lifespan,
        routers=(*ROUTERS, feed_router, parked_router, asyncapi_router("approval")),
        ready={"database": _database},
        tags=(*TAGS, PARKED_TAG),
    )


async def _database(services: Services) -> str | None:
    await services.pool.fetchval("select 1")
    return None


def _version() -> str:
    try:
        return version("placet-approval-service")
    except PackageNotFoundError:
        return "0"
