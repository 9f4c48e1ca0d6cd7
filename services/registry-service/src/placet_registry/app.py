"""The ASGI application of registry-service."""

from fastapi import FastAPI

from placet_registry.api import ROUTERS, TAGS
from placet_registry.api.parts import RegistryService
from placet_registry.bootstrap import OpenNeighbours, open_neighbours, open_service
from placet_registry.settings import RegistrySettings
from placet_shared.service.service_app import service_app

__all__ = ["registry_app"]

DESCRIPTION = """\
Models and their immutable versions, artifacts by digest, data sets by name, the environments in their order, and what is deployed where.

A typical day: `PUT /v1/blobs/{sha256}` the model file, `POST /v1/models/{id}/versions` with its digest and lineage, and when a
pipeline has deployed it, `POST /v1/deployments`. Any valid token may read; each endpoint that writes names the roles that may.
"""


def registry_app(settings: RegistrySettings, neighbours: OpenNeighbours = open_neighbours) -> FastAPI:
    """The application; it connects when it starts."""
    ready = {"blobs": _blobs}
    return service_app("registry", DESCRIPTION, lambda: open_service(settings, neighbours), ROUTERS, TAGS, ready)


async def _blobs(service: RegistryService) -> str | None:
    return await service.blobs.missing()
