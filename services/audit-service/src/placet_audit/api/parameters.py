"""Query parameters: an unknown one is refused, since ignoring it would answer another question."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from pydantic import Field

from placet_shared.errors import FieldError, Malformed
from placet_shared.service.identity import CurrentActor
from placet_shared.web.endpoints import query_names

__all__ = ["Index", "OnlyKnown"]

Index = Annotated[int, Field(ge=-1, lt=2**63)]


async def only_known_parameters(request: Request, actor: CurrentActor) -> None:
    """Raises `Malformed` that names each unknown parameter."""
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    if not request.query_params:
        return
    known = query_names(route.dependant)
    unknown = [(name, value) for name, value in request.query_params.multi_items() if name not in known]
    if unknown:
        allowed = f"one of {', '.join(known)}" if known else "no parameter"
        raise Malformed(
            f"There is no parameter {unknown[0][0][:200]}.",
            resolve="Correct the name: a filter that is not understood would answer another question.",
            errors=[FieldError(name[:200], value, f"is no parameter; {allowed}") for name, value in unknown],
        )


OnlyKnown = Depends(only_known_parameters)
