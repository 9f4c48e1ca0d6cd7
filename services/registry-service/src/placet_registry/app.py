"""The ASGI application of registry-service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from placet_registry.api import ROUTERS, TAGS
from placet_registry.bootstrap import OpenNeighbours, Services, open_neighbours, open_services
from placet_registry.settings import RegistrySettings
from placet_shared.asyncapi import asyncapi_router
from placet_shared.bus.parked_routes import PARKED_TAG
from placet_shared.bus.parked_routes import router as parked_router
from placet_shared.bus.routes import router as feed_router
from placet_shared.web.application import create_app

__all__ = ["registry_app"]

DESCRIPTION = """\
Models and their immutable versions, artifacts by digest, the environments in their order, and what is deployed where.

A typical day: `PUT /v1/blobs/{sha256}` the model file, `POST /v1/models/{id}/versions` with its digest and lineage, and when a
pipeline has deployed it, `POST /v1/deployments`. Everybody with a token reads; each endpoint that writes says who may.
"""


def registry_app(settings: RegistrySettings, neighbours: OpenNeighbours = open_neighbours) -> FastAPI:
    """The application; it connects when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings, neighbours) as services:
            app.state.placet = services
            yield

    return create_app(
        title="Placet registry",
        source="registry",
        version=_version(),
        description=DESCRIPTION,
        lifespan=lifespan,
        routers=(*ROUTERS, feed_router, parked_router, asyncapi_router("registry")),
        ready={"database": _database},
        tags=(*TAGS, PARKED_TAG),
    )


async def _database(services: Services) -> str | None:
    await services.pool.fetchval("select 1")
    return None


def _version() -> str:
    try:
        return version("placet-registry-service")
    except PackageNotFoundError:
        return "0"
