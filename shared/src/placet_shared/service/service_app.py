"""The ASGI application of one of the services: its own routers, its feed, what it has parked, and its part of the AsyncAPI document."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import APIRouter, FastAPI

from placet_shared.asyncapi import asyncapi_router
from placet_shared.service.application import ServiceApp, create_app
from placet_shared.service.feed_routes import FEED_TAG
from placet_shared.service.feed_routes import router as feed_router
from placet_shared.service.measuring import measure
from placet_shared.service.parked_routes import PARKED_TAG
from placet_shared.service.parked_routes import router as parked_router
from placet_shared.service.running import Service
from placet_shared.service.text_routes import TEXTS_TAG
from placet_shared.service.text_routes import router as texts_router
from placet_shared.web.health import ReadyCheck

__all__ = ["service_app"]


def service_app(
    source: str,
    description: str,
    opening: Callable[[], AbstractAsyncContextManager[Service]],
    routers: Sequence[APIRouter],
    tags: Sequence[Mapping[str, Any]],
    ready: Mapping[str, ReadyCheck] | None = None,
) -> FastAPI:
    """The application; what `opening` gives is at `app.state.service` while it runs. `ready` names what it needs besides the database."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opening() as service:
            app.state.service = service
            assert isinstance(app, ServiceApp)
            measure(service, app.meters)
            yield

    return create_app(
        title=f"Placet {source}",
        source=source,
        version=_version(f"placet-{source}-service"),
        description=description,
        lifespan=lifespan,
        routers=(*routers, feed_router, parked_router, texts_router, asyncapi_router(source)),
        ready={"database": _database, **(ready or {})},
        tags=(*tags, FEED_TAG, PARKED_TAG, TEXTS_TAG),
    )


async def _database(service: Service) -> str | None:
    """It answers and takes writes."""
    if await service.pool.fetchval("select pg_is_in_recovery()"):
        return "The database is in recovery: until it is promoted it can only be read."
    return await service.store.writer.disk.missing(service.pool)


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "0"
