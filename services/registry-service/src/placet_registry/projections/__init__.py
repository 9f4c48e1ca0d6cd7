"""The read model: which rows an event leads to; a row and its event commit together.

event                 → rows
ModelRegistered …       models
VersionRegistered       versions
BlobStored              blobs
EnvironmentDefined      environments
DeploymentReported …    deployments
"""

from collections.abc import Callable, Iterable, Mapping

from placet_registry.projections.blobs import BLOB_ROWS, INSERT_BLOB
from placet_registry.projections.deployments import DEPLOYMENT_ROWS
from placet_registry.projections.environments import ENVIRONMENT_ROWS
from placet_registry.projections.models import (
    DESCRIBE_MODEL,
    INSERT_MODEL,
    MODEL_ROWS,
    NUMBER_MODEL,
    TAG_MODEL,
    UNTAG_MODEL,
)
from placet_registry.projections.versions import INSERT_VERSION, VERSION_ROWS
from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["COMMUTING", "project"]

_ROWS: Mapping[str, Callable[[RecordedEvent], Iterable[Statement]]] = {
    **MODEL_ROWS,
    **VERSION_ROWS,
    **BLOB_ROWS,
    **ENVIRONMENT_ROWS,
    **DEPLOYMENT_ROWS,
}

# These touch only rows of the stream that their event stands in; deployments and environments touch their neighbours' too.
COMMUTING = frozenset({INSERT_BLOB, INSERT_MODEL, DESCRIBE_MODEL, TAG_MODEL, UNTAG_MODEL, NUMBER_MODEL, INSERT_VERSION})


def project(event: RecordedEvent) -> Iterable[Statement]:
    """The statements that bring the read model from just before this event to just after it."""
    rows_of = _ROWS.get(event.type)
    return rows_of(event) if rows_of else ()
