"""The read model: which rows an event leads to; a row and its event commit together.

event                 → rows
ModelRegistered …       models
VersionRegistered       versions
BlobStored              blobs
DataSetRegistered       datasets
EnvironmentDefined      environments
DeploymentReported …    deployments
"""

from collections.abc import Mapping

from placet_registry.projections.blobs import BLOB_ROWS, INSERT_BLOB
from placet_registry.projections.datasets import DATASET_ROWS, INSERT_DATASET, SUPERSEDE_DATASET
from placet_registry.projections.deployments import DEPLOYMENT_ROWS
from placet_registry.projections.environments import ENVIRONMENT_ROWS
from placet_registry.projections.models import (
    DESCRIBE_MODEL,
    INSERT_MODEL,
    MODEL_ROWS,
    NUMBER_MODEL,
    QUALIFY_MODEL,
    TAG_MODEL,
    UNTAG_MODEL,
)
from placet_registry.projections.versions import INSERT_VERSION, VERSION_ROWS
from placet_shared.event_store import Part, projection_of

__all__ = ["COMMUTING", "PARTS", "project"]

PARTS: Mapping[str, Part] = {
    "models": Part(["models"], MODEL_ROWS),
    "versions": Part(["versions"], VERSION_ROWS),
    "blobs": Part(["blobs"], BLOB_ROWS),
    "datasets": Part(["datasets"], DATASET_ROWS),
    "environments": Part(["environments"], ENVIRONMENT_ROWS),
    "deployments": Part(["deployments"], DEPLOYMENT_ROWS),
}

project = projection_of(*PARTS.values())

# These touch only rows of the stream that their event stands in; deployments and environments touch their neighbours' too.
COMMUTING = frozenset(
    {
        INSERT_BLOB,
        INSERT_MODEL,
        DESCRIBE_MODEL,
        TAG_MODEL,
        UNTAG_MODEL,
        QUALIFY_MODEL,
        NUMBER_MODEL,
        INSERT_VERSION,
        SUPERSEDE_DATASET,
        INSERT_DATASET,
    }
)
