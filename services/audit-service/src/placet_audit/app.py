"""The ASGI application of audit-service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from placet_audit.api import ROUTERS, TAGS
from placet_audit.bootstrap import Open, RunningServices, open_neighbours, open_services
from placet_audit.settings import AuditSettings
from placet_shared.asyncapi import asyncapi_router
from placet_shared.bus.parked_routes import PARKED_TAG
from placet_shared.bus.parked_routes import router as parked_router
from placet_shared.bus.routes import router as feed_router
from placet_shared.web.application import create_app

__all__ = ["audit_app"]

DESCRIPTION = """\
One audit log of everything that every user and system did, refused acts included, and what it says about any moment.

Every answer says up to which index of the log it is complete, and for how long each source may have had something that the
log does not: an empty list never means "not yet arrived".
"""


def audit_app(settings: AuditSettings, neighbours: Open = open_neighbours, **options: float) -> FastAPI:
    """The application; it connects when it starts. `options` are those of `open_services`."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings, neighbours, **options) as services:
            app.state.placet = services
            yield

    return create_app(
        title="Placet audit",
        source="audit",
        version=version("placet-audit-service"),
        description=DESCRIPTION,
        lifespan=lifespan,
        routers=(*ROUTERS, feed_router, parked_router, asyncapi_router("audit")),
        ready={"database": _database},
        tags=(*TAGS, PARKED_TAG),
    )


async def _database(services: RunningServices) -> str | None:
    await services.pool.fetchval("select 1")
    return None
