"""Requests that put runs into the queue, which has room for so many."""

from collections.abc import Callable
from typing import TypeVar

from fastapi import Request, Response

from placet_shared.errors import TooMany
from placet_shared.event_store import Answer, UseCase
from placet_shared.postgres.errors import DATABASE_ERRORS, is_raised_by_function
from placet_shared.service.commands import run_command
from placet_verification.api.parts import verification_of
from placet_verification.commands.open_runs import OpenRuns
from placet_verification.commands.request_verification import RequestVerification
from placet_verification.ports import Registry
from placet_verification.queries.queue_places import place_of_next

__all__ = ["run_request"]

R = TypeVar("R")
DECISIONS = 5


async def run_request(
    request: Request,
    use_case: UseCase[RequestVerification, Registry, OpenRuns, R],
    command: RequestVerification,
    present: Callable[[R], Answer],
) -> Response:
    """As `run_command`; raises `TooMany`, which says the place that the next run of the caller would have."""
    service = verification_of(request)
    try:
        for _ in range(DECISIONS - 1):
            try:
                return await run_command(request, use_case, command, service.registry, service.limits, present=present)
            except DATABASE_ERRORS as error:
                if not is_raised_by_function(error):
                    raise
                # Another request got the last free place since this one was decided: asked once more, it is refused with what is open now.
        return await run_command(request, use_case, command, service.registry, service.limits, present=present)
    except TooMany as refusal:
        refusal.facts["place"] = await place_of_next(service.pool, request.state.actor.id)
        raise
