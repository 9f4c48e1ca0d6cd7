"""The ASGI application of verification-service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from placet_shared.asyncapi import asyncapi_router
from placet_shared.bus.parked_routes import PARKED_TAG
from placet_shared.bus.parked_routes import router as parked_router
from placet_shared.bus.routes import router as feed
from placet_shared.web.application import create_app
from placet_verification.api import ROUTERS, TAGS
from placet_verification.bootstrap import Open, Services, open_neighbours, open_services
from placet_verification.settings import VerificationSettings

__all__ = ["verification_app"]

DESCRIPTION = """\
Plans, and runs that try a version of a model by a plan before people spend a thought on it.

A typical day: `POST /v1/runs` with a version and an environment, `GET /v1/runs/{id}/wait` until it has ended, and the digest of its
result is what a sign-off will be bound to. Everybody with a token reads; each endpoint that writes says who may.
"""
FEED_TAG = {"name": "feed", "description": "This service's events, in order, for whoever follows them."}


def verification_app(settings: VerificationSettings, neighbours: Open = open_neighbours) -> FastAPI:
    """The application; it connects when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings, neighbours) as services:
            app.state.placet = services
            yield

    return create_app(
        title="Placet verification",
        source="verification",
        version=_version(),
        description=DESCRIPTION,
        lifespan=lifespan,
        routers=(*ROUTERS, feed, parked_router, asyncapi_router("verification")),
        ready={"database": _database},
        tags=(*TAGS, FEED_TAG, PARKED_TAG),
    )


async def _database(services: Services) -> str | None:
    await services.pool.fetchval("select 1")
    return None


def _version() -> str:
    try:
        return version("placet-verification-service")
    except PackageNotFoundError:
        return "0"
