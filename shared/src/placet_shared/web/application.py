"""Builds a service's ASGI application: its own routers inside the shell that all services share."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from placet_shared.web.body_limit import BodyLimit
from placet_shared.web.error_handlers import handle_errors
from placet_shared.web.health import ReadyCheck, health_router
from placet_shared.web.openapi import DescribedApp
from placet_shared.web.request_context import RequestContext

__all__ = ["Lifespan", "create_app"]

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


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
) -> FastAPI:
    """The application of the service `source`.

    `lifespan` puts the service's parts at `app.state.placet` before it yields. `ready` names what `/health/ready` asks.
    `tags` describe the groups of endpoints: `{"name": …, "description": …}`. There are no HTML pages of the framework, since
    those load scripts from elsewhere; `/openapi.json` is open to everybody.
    """
    app = DescribedApp(
        title=title,
        version=version,
        description=description,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_tags=[*map(dict, tags), {"name": "health", "description": f"Whether {source}-service lives and can serve."}],
        generate_unique_id_function=_operation_id,
    )
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestContext)  # added last, so it is outside
    handle_errors(app)
    for router in (*routers, health_router(ready or {})):
        app.include_router(router)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
