"""Rows of the steps that people completed, from their events."""

from collections.abc import Iterable

from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["STEP_ROWS"]

COMPLETE = """
    insert into completed_steps (artifact_sha256, environment, model_id, step, version_id, role, person_id, token_issuers, evidence,
                                 completed_at, text_id, text_hmac, stream_version)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    on conflict (artifact_sha256, environment, model_id, step) do update
        set version_id = excluded.version_id, role = excluded.role, person_id = excluded.person_id,
            token_issuers = excluded.token_issuers, evidence = excluded.evidence, completed_at = excluded.completed_at,
            text_id = excluded.text_id, text_hmac = excluded.text_hmac, stream_version = excluded.stream_version,
            reopened_at = null, reopened_by = null, reopened_text_id = null, reopened_text_hmac = null
"""
# For every model that has the bytes.
REOPEN = """
    update completed_steps
    set reopened_at = $4, reopened_by = $5, reopened_text_id = $6, reopened_text_hmac = $7, stream_version = $8
    where artifact_sha256 = $1 and environment = $2 and step = any ($3) and reopened_at is null
"""
NAMES = (
    "artifact_sha256", "environment", "model_id", "step", "version_id", "role", "person_id", "token_issuers", "evidence",
)  # fmt: skip


def _completed(event: RecordedEvent) -> Iterable[Statement]:
    data, comment = event.fields, event.fields["comment"]
    values = (*(data[name] for name in NAMES), event.recorded_at, comment["id"], comment["hmac"], event.version)
    yield Statement(COMPLETE, values)


def _reopened(event: RecordedEvent) -> Iterable[Statement]:
    data, reason = event.fields, event.fields["reason"]
    about = (data["artifact_sha256"], data["environment"], data["steps"])
    yield Statement(REOPEN, (*about, event.recorded_at, data["person_id"], reason["id"], reason["hmac"], event.version))


STEP_ROWS: Rows = {"StepCompleted": _completed, "StepReopened": _reopened}
