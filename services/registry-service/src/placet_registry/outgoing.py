"""The aggregates whose events this service publishes; their contract is `placet_shared.contracts.registry`."""

from typing import Final

from placet_registry.domain.blobs import Blob
from placet_registry.domain.datasets import NamedDataSet
from placet_registry.domain.deployments import Deployment
from placet_registry.domain.environments import Environment
from placet_registry.domain.model_names import ModelName
from placet_registry.domain.models import Model
from placet_registry.domain.versions import Version

__all__ = ["PUBLISHED", "SOURCE"]

SOURCE: Final = "registry"
PUBLISHED: Final = (Model, ModelName, Version, Blob, NamedDataSet, Environment, Deployment)
