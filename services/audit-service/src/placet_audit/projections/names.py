"""Names and numbers of models and versions, so that views speak to people."""

from collections.abc import Iterable

from placet_audit.projections.entry import Entry
from placet_shared.event_store import Statement

__all__ = ["project_name"]

MODEL = "insert into known_models (model_id, name, index) values ($1, $2, $3) on conflict (model_id) do nothing"
# Another source may have been ahead of the registry and have told of the model first.
ABOUT_MODEL = "update timeline_rows set model_id = $1 where subject = $1 and model_id is null"
VERSION = """
    insert into known_versions (version_id, model_id, number, artifact_sha256, index) values ($1, $2, $3, $4, $5)
    on conflict (version_id) do nothing
"""


def project_name(entry: Entry) -> Iterable[Statement]:
    """A model's name, a version's number and digest."""
    fields = entry.fields
    if entry.type == "ModelRegistered":
        yield Statement(MODEL, (fields["model_id"], fields["name"], entry.index))
        yield Statement(ABOUT_MODEL, (fields["model_id"],))
    elif entry.type == "VersionRegistered":
        values = (fields["version_id"], fields["model_id"], fields["number"], fields["artifact"]["sha256"], entry.index)
        yield Statement(VERSION, values)
