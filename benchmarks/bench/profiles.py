"""Shares of a profile's time by part of the program, from the file in which a function is, and endpoints that profile a server."""

import asyncio
import cProfile
import pstats
from collections import defaultdict
from collections.abc import Mapping

from fastapi import APIRouter, Request

__all__ = ["BEGIN", "END", "profiling", "shares"]

BEGIN, END = "/v1/profile/begin", "/v1/profile/end"

# Of a server, by the file in which a function is.
SERVER: Mapping[str, str] = {
    "/uvicorn/": "uvicorn: reading the request, an answer's head, the connection",
    "/placet_shared/web/guarded_http": "our limits on callers",
    "/placet_shared/web/connections": "our limits on callers",
    "/placet_shared/web/plain_http": "our limits on callers",
    "/fastapi/": "FastAPI, Starlette, pydantic",
    "/starlette/": "FastAPI, Starlette, pydantic",
    "/pydantic": "FastAPI, Starlette, pydantic",
    "/placet_shared/web/observed": "telemetry: span and measure of the request",
    "/placet_shared/telemetry/": "telemetry: span and measure of the request",
    "/opentelemetry/": "telemetry: span and measure of the request",
    "/placet_shared/web/": "our shell: route, parameters, headers, the answer",
    "/placet_shared/service/": "our shell: route, parameters, headers, the answer",
    "/placet_shared/access/": "authentication",
    "/placet_shared/tokens": "authentication",
    "/asyncpg/": "the driver of PostgreSQL",
    "/placet_shared/event_store/": "event store: loading, deciding, committing",
    "/eventsourcing/": "event store: loading, deciding, committing",
    "/placet_shared/aggregates": "event store: loading, deciding, committing",
    "/placet_shared/bus/": "sources and waiters",
    "/placet_": "the service itself",
}

profiling = APIRouter()


@profiling.post(BEGIN)
async def begin_profile(request: Request) -> None:
    """Profile from the end of this request on."""
    request.app.state.profile = cProfile.Profile()
    asyncio.get_running_loop().call_soon(request.app.state.profile.enable)


@profiling.post(END)
async def end_profile(request: Request) -> Mapping[str, float]:
    """Shares of the time since the beginning, by part."""
    profile: cProfile.Profile = request.app.state.profile
    profile.disable()
    return shares(profile, SERVER)


OTHERS = "Python: tasks, futures, all else"


def shares(profile: cProfile.Profile, parts: Mapping[str, str]) -> Mapping[str, float]:
    """Largest first. `parts` names what belongs to a part of a file's path; what none names is Python itself, asyncio above all."""
    spent: defaultdict[str, float] = defaultdict(float)
    for (file, _, _), (_, _, own, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if file != "~":
            spent[_part(file, parts)] += own
            continue
        for (calling, _, _), (_, _, of_builtin, _) in callers.items():  # a builtin's time counts for its caller
            spent[_part(calling, parts)] += of_builtin
    whole = sum(spent.values())
    return {part: spent[part] / whole for part in sorted(spent, key=lambda part: -spent[part])}


def _part(file: str, parts: Mapping[str, str]) -> str:
    return next((part for place, part in parts.items() if place in file), OTHERS)
