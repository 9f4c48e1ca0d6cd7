"""The HTTP API: requests become commands and queries; nothing is decided here."""

from placet_registry.api.blobs import blobs
from placet_registry.api.datasets import datasets, datasets_of_bytes
from placet_registry.api.deployments import deployments
from placet_registry.api.environments import environments
from placet_registry.api.models import models
from placet_registry.api.versions import versions

__all__ = ["ROUTERS", "TAGS"]

ROUTERS = (models, versions, blobs, datasets, datasets_of_bytes, environments, deployments)

TAGS = (
    {"name": "models", "description": "A model has a name, tags and versions numbered 1, 2, 3 …"},
    {"name": "versions", "description": "A version is immutable: an artifact by digest, its signature and where it comes from."},
    {"name": "blobs", "description": "Bytes by SHA-256: artifacts, data sets, reports. Kept once, never changed."},
    {
        "name": "data sets",
        "description": "Blobs with a name, which verification plans use: numbered versions, what is in them, and an owner.",
    },
    {"name": "environments", "description": "dev, test, prod or your own, in their order."},
    {"name": "deployments", "description": "What runs where, as pipelines report it."},
)
