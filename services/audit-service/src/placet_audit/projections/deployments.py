"""What ran where and when: spans of the log's index."""

from collections.abc import Iterable

from placet_audit.projections.entry import Entry
from placet_shared.event_store import Statement

__all__ = ["project_deployment"]

# A model has one current deployment in an environment: the next one ends it.
END_CURRENT = """
    update deployment_spans set to_index = $3 where environment = $1 and model_id = $2 and to_index is null and from_index < $3
"""
BEGIN = """
    insert into deployment_spans (deployment_id, environment, model_id, version_id, artifact_sha256, reported_by, reported_at, from_index)
    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (deployment_id) do nothing
"""
END = "update deployment_spans set to_index = $2 where deployment_id = $1 and to_index is null"


def project_deployment(entry: Entry) -> Iterable[Statement]:
    """Begins and ends spans."""
    fields = entry.fields
    if entry.type == "DeploymentReported":
        yield Statement(END_CURRENT, (fields["environment"], fields["model_id"], entry.index))
        place = (fields["deployment_id"], fields["environment"], fields["model_id"], fields["version_id"], fields["sha256"])
        yield Statement(BEGIN, (*place, entry.actor, entry.recorded_at, entry.index))
    elif entry.type == "DeploymentEnded":
        yield Statement(END, (fields["deployment_id"], entry.index))
