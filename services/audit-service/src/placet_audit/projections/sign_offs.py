"""Which sign-offs were in force and who had approved: spans of the log's index."""

from collections.abc import Iterable
from datetime import datetime

from placet_audit.projections.entry import Entry
from placet_shared.event_store import Statement

__all__ = ["project_sign_off"]

APPROVED = """
    insert into sign_off_spans (sign_off_id, model_id, version_id, environment, artifact_sha256, expires_at, from_index)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (sign_off_id) do nothing
"""
NO_LONGER = "update sign_off_spans set to_index = $2, ended_by = $3 where sign_off_id = $1 and to_index is null"
SIGNED = """
    insert into approval_spans (sign_off_id, person_id, role, approved_at, from_index) values ($1, $2, $3, $4, $5) on conflict do nothing
"""
UNSIGNED = "update approval_spans set to_index = $3 where sign_off_id = $1 and person_id = $2 and to_index is null"


def project_sign_off(entry: Entry) -> Iterable[Statement]:
    """Begins and ends spans."""
    fields = entry.fields
    match entry.type:
        case "ApprovalGranted":
            yield Statement(SIGNED, (fields["sign_off_id"], fields["person_id"], fields["role"], entry.recorded_at, entry.index))
        case "ApprovalRevoked":
            yield Statement(UNSIGNED, (fields["sign_off_id"], fields["person_id"], entry.index))
        case "SignOffApproved":
            what = (fields["sign_off_id"], fields["model_id"], fields["version_id"], fields["environment"], fields["artifact_sha256"])
            yield Statement(APPROVED, (*what, datetime.fromisoformat(fields["expires_at"]), entry.index))
        case "SignOffRevoked" | "SignOffInvalidated":
            yield Statement(NO_LONGER, (fields["sign_off_id"], entry.index, entry.type))
