"""`/metrics`: what the application has measured, for Prometheus."""

import asyncio

from fastapi import APIRouter, Response

from placet_shared.telemetry.meters import Meters

__all__ = ["metrics_router"]

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


def metrics_router(meters: Meters) -> APIRouter:
    """One address, open without a token."""
    router = APIRouter(tags=["health"])

    @router.get("/metrics", summary="Measures for Prometheus", response_class=Response)
    async def metrics() -> Response:
        """In Prometheus' text format; the names and what they mean are in `docs/observability.md`."""
        await meters.look()
        # In a thread: the text takes some milliseconds, for which no request should wait.
        return Response(await asyncio.to_thread(meters.exposition), media_type=TEXT_FORMAT)

    return router
