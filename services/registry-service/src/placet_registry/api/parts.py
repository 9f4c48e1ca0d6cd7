"""What the endpoints reach: the service's parts, and the sentence for what is not there."""

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
    """With bytes by digest, and who is who."""

    blobs: BlobStore
    people: People


def registry_of(request: Request) -> RegistryService:
    """The service that a request has come to."""
    return cast(RegistryService, service_of(request))


def found(view: V | None, what: str, key: str | int) -> V:
    """What a query gave; raises `NotFound` with code `<what>_not_found`."""
    if view is None:
        raise NotFound(f"There is no {what} {key}.", code=f"{what}_not_found")
    return view
