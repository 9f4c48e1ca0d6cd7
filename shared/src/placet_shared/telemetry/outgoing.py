"""A request to another service belongs to the trace in which it is sent."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from placet_shared.telemetry.spans import outgoing_traceparent

__all__ = ["CARRYING_THE_TRACE"]


async def carry_trace(request: httpx.Request) -> None:
    """Sends `traceparent` along."""
    request.headers["traceparent"] = outgoing_traceparent()


CARRYING_THE_TRACE: Mapping[str, list[Callable[..., Any]]] = {"request": [carry_trace]}
"""For `httpx.AsyncClient(event_hooks=…)`."""
