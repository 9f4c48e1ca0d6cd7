"""`/health/live`: the process answers. `/health/ready`: everything it needs is there, or a problem that names what is not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request

from placet_shared.errors import Unavailable

__all__ = ["ReadyCheck", "health_router"]

ReadyCheck = Callable[[Any], Awaitable[str | None]]
"""Gets the object at `app.state.service`; returns what is missing in one sentence, or None."""

Failing = Callable[[Any], Mapping[str, str]]

log = logging.getLogger(__name__)


def health_router(
    checks: Mapping[str, ReadyCheck], patience: float = 2.0, failing: Failing = lambda service: {}, version: str | None = None
) -> APIRouter:
    """The two addresses, open without a token; a check that takes longer than `patience` seconds has failed.

    `failing` gives background work that fails, by name: the service is ready all the same. `version` is told by a service that is ready.
    """
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live", summary="Is the process alive?")
    async def live() -> dict[str, str]:
        """Answers as long as the process can answer at all."""
        return {"status": "live"}

    @router.get("/ready", summary="Can it serve?")
    async def ready(request: Request) -> dict[str, Any]:
        """503 with `facts.missing` names each part that is not there. `failing` names background work that fails just now."""
        service = getattr(request.app.state, "service", None)
        if service is None:
            raise _not_ready({"start": "The service is still starting."})
        answers = await asyncio.gather(*(_ask(check, service, patience) for check in checks.values()))
        if missing := {name: answer for name, answer in zip(checks, answers, strict=True) if answer}:
            raise _not_ready(missing)
        return {
            "status": "ready",
            **({"version": version} if version else {}),
            **({"failing": dict(told)} if (told := failing(service)) else {}),
        }

    return router


async def _ask(check: ReadyCheck, services: Any, patience: float) -> str | None:
    try:
        async with asyncio.timeout(patience):
            return await check(services)
    except TimeoutError:
        return f"No answer within {patience:g} seconds."
    except Exception as error:
        log.warning("a ready check failed", exc_info=error)
        return f"The check failed ({type(error).__name__})."


def _not_ready(missing: Mapping[str, str]) -> Unavailable:
    return Unavailable(f"Not ready: {', '.join(missing)}.", code="not_ready", missing=dict(missing))
