"""Builds a service's ASGI application: its own routers inside the shell that all services share."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from placet_shared.service.running import Service
from placet_shared.telemetry.instruments import REQUESTS
from placet_shared.telemetry.meters import Meters
from placet_shared.telemetry.setup import flush_traces
from placet_shared.web.api_page import api_page_router
from placet_shared.web.health import ReadyCheck, health_router
from placet_shared.web.metrics import metrics_router
from placet_shared.web.observed import Observed
from placet_shared.web.openapi import DescribedApp
from placet_shared.web.routing import RouteTable
from placet_shared.web.shell import Shell
from placet_shared.workers import in_background

__all__ = ["Lifespan", "ServiceApp", "create_app"]

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class ServiceApp(DescribedApp):
    """The application of a service, which releases waiting requests, with the service's meters."""

    meters: Meters

    def stop_waiting(self) -> None:
        """Release requests that only wait, since the server begins to stop."""
        if (service := getattr(self.state, "service", None)) is not None:
            service.stop_waiting()

    def include_router(self, router: APIRouter) -> None:  # type: ignore[override]
        """Add each of its routes by itself, named in the OpenAPI document as its function is; the framework would nest the router."""
        for route in router.routes:
            if isinstance(route, APIRoute):
                route.operation_id = route.operation_id or route.name
        self.router.routes.extend(router.routes)

    def build_middleware_stack(self) -> ASGIApp:
        """The shell for requests, the framework's own for start and end; made once, with all routes that were added until then.

        Raises `TypeError` for middleware, which would not run.
        """
        if self.user_middleware:
            raise TypeError(f"middleware can't be added, the shell is all there is around an endpoint: {self.user_middleware}")
        shell = Shell(RouteTable(self.router.routes), Observed(self.meters.histogram(REQUESTS)))

        async def stack(scope: Scope, receive: Receive, send: Send) -> None:
            await (shell if scope["type"] == "http" else self.router)(scope, receive, send)

        return stack


def create_app(
    *,
    title: str,
    source: str,
    version: str,
    description: str,
    lifespan: Lifespan,
    routers: Sequence[APIRouter],
    ready: Mapping[str, ReadyCheck] | None = None,
    tags: Sequence[Mapping[str, Any]] = (),
) -> ServiceApp:
    """The application of the service `source`.

    `lifespan` puts the service at `app.state.service` before it yields. `ready` names what `/health/ready` asks.
    `tags` describe the groups of endpoints: `{"name": …, "description": …}`. `/docs` is a page of ours instead of the framework's,
    which loads scripts from elsewhere; it and `/openapi.json` are open without a token.
    """
    meters = Meters(f"placet-{source}")
    app = ServiceApp(
        title=title,
        version=version,
        description=description,
        lifespan=_measured(lifespan, meters),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": "/", "description": "Where this document is"}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        telemetry={"tracing": False, "metrics": False, "logs": False},  # ours is one span a request instead of four
        openapi_tags=[*map(dict, tags), {"name": "health", "description": f"Whether {source}-service lives and can serve."}],
    )
    app.meters = meters
    for router in (*routers, health_router(ready or {}, failing=_failing, version=version), metrics_router(meters), api_page_router()):
        app.include_router(router)
    return app


def _failing(service: Service) -> Mapping[str, str]:
    return service.failing()


def _measured(lifespan: Lifespan, meters: Meters) -> Lifespan:
    """The service's own lifespan, with the last measures and spans sent at its end.

    At the end of the application and not of the process, which a signal ends before anything else could be done.
    """

    @asynccontextmanager
    async def with_measures(app: FastAPI) -> AsyncIterator[None]:
        async with lifespan(app), in_background(meters.keep_looking()):
            yield
        await asyncio.gather(asyncio.to_thread(flush_traces), asyncio.to_thread(meters.close))

    return with_measures
