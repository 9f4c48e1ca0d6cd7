"""What the endpoints reach: the service's parts, and the sentence for what is not there."""

from typing import Any, Protocol, cast

import asyncpg
from fastapi import Request

from placet_registry.ports import BlobStore, People
from placet_shared.access import Roles
from placet_shared.errors import NotFound
from placet_shared.service.services import Services

__all__ = ["REGISTRARS", "REPORTERS", "RegistryServices", "found", "registry_of"]

REGISTRARS = frozenset({Roles.DEVELOPER, Roles.ADMIN})
REPORTERS = frozenset({Roles.PIPELINE, Roles.ADMIN})


class RegistryServices(Services, Protocol):
    """The parts of registry-service that its endpoints use."""

    @property
    def pool(self) -> asyncpg.Pool:
        """The read side."""

    @property
    def blobs(self) -> BlobStore:
        """Bytes by digest."""

    @property
    def people(self) -> People:
        """Who is who."""


def registry_of(request: Request) -> RegistryServices:
    """The running service's parts."""
    return cast(RegistryServices, request.app.state.placet)


def found(answer: dict[str, Any] | None, what: str, key: str | int) -> dict[str, Any]:
    """The answer of a query; raises `NotFound` with code `<what>_not_found`."""
    if answer is None:
        raise NotFound(f"There is no {what} {key}.", code=f"{what}_not_found")
    return answer
