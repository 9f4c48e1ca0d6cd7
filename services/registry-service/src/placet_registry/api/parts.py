"""The service's parts, as the endpoints use them, and the error for a missing resource."""

from dataclasses import dataclass
from typing import TypeVar, cast

from fastapi import Request

from placet_registry.ports import BlobStore, People
from placet_shared.errors import NotFound
from placet_shared.service.running import Service, service_of

__all__ = ["RegistryService", "found", "registry_of"]

V = TypeVar("V")


@dataclass(frozen=True, kw_only=True)
class RegistryService(Service):
    """Adds the blob store and the lookup of people."""

    blobs: BlobStore
    people: People


def registry_of(request: Request) -> RegistryService:
    """The service that handles the request."""
    return cast(RegistryService, service_of(request))


def found(view: V | None, what: str, key: str | int) -> V:
    """The result of a query; raises `NotFound` with code `<what>_not_found` for None."""
    if view is None:
        raise NotFound(f"There is no {what} {key}.", code=f"{what}_not_found")
    return view
