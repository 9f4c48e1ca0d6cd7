"""`GET /asyncapi.json`: what a service publishes, for programs; open without a token like `/openapi.json`."""

import orjson
from fastapi import APIRouter, Request, Response

from placet_shared.asyncapi.document import asyncapi_document

__all__ = ["asyncapi_router"]


def asyncapi_router(source: str) -> APIRouter:
    """The address, with the source's own topic and feed."""
    router = APIRouter()
    made: dict[str, bytes] = {}

    @router.get("/asyncapi.json", include_in_schema=False)
    async def read_asyncapi(request: Request) -> Response:
        """The document, made once."""
        version = request.app.version
        if version not in made:
            made[version] = orjson.dumps(asyncapi_document([source], version))
        return Response(made[version], media_type="application/json")

    return router
