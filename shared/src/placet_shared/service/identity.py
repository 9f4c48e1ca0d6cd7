"""The actor of a request: dependencies that turn `Authorization: Bearer placet_…` into an actor.

Reads that need a role depend on `require(…)`. Use cases declare the roles of commands (`allowed`), so that a refusal is
recorded in the audit trail.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from placet_shared.access import Actor, demand_role
from placet_shared.service.running import service_of
from placet_shared.tokens import is_well_formed
from placet_shared.web.exchange import header
from placet_shared.web.guarded_http import CONNECTION, GuardedHttp
from placet_shared.web.unauthenticated import token_invalid, token_missing

__all__ = ["CurrentActor", "KnownActor", "current_actor", "known_actor", "require"]


class _Bearer(HTTPBearer):
    """Gives the token's text alone; the framework's class describes it in the OpenAPI document."""

    async def __call__(self, request: Request) -> str | None:  # type: ignore[override]
        """None without a token of this scheme (RFC 6750 section 2.1)."""
        scheme, _, token = (header(request, b"authorization") or "").partition(" ")
        return token.strip(" ") or None if scheme.lower() == "bearer" else None


_bearer = _Bearer(
    scheme_name="token",
    bearerFormat="placet_ and 40 letters and digits",
    description="An access token of a person or a service account.",
    auto_error=False,
)


async def known_actor(request: Request, token: Annotated[str | None, Security(_bearer)]) -> Actor:
    """The actor of this request, without its `Placet-Seen`; raises `Unauthenticated`, or `Unavailable` when it can't be looked up."""
    if token is None:
        raise token_missing()
    actor = await service_of(request).authenticator.authenticate(token) if is_well_formed(token) else None
    if actor is None:
        raise token_invalid()
    request.state.actor = actor
    if isinstance(place := request.scope.get(CONNECTION), GuardedHttp):
        place.authenticated()
    return actor


KnownActor = Annotated[Actor, Depends(known_actor)]


async def current_actor(request: Request, actor: KnownActor) -> Actor:
    """The actor of this request; with `Placet-Seen` the request waits until this service has seen those positions."""
    if position := header(request, b"placet-seen"):
        await service_of(request).seen(position)
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


def require(*roles: str) -> Callable[[Actor], Awaitable[Actor]]:
    """A dependency for reads: the actor, who holds one of `roles`; raises `Forbidden`."""

    async def actor_with_role(actor: CurrentActor) -> Actor:
        demand_role(actor, roles)
        return actor

    return actor_with_role
