"""One row a run: what was requested, and how it ended."""

from collections.abc import Iterable
from typing import Any

import orjson

from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["RUN_ROWS"]

INSERT_RUN = """
    insert into runs (run_id, model_id, version_id, environment, plan, artifact_sha256, datasets, champion, stream_version,
                      requested_by, requested_at, position)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
END_RUN = """
    update runs
    set outcome = $2, result_sha256 = $3, measured_sha256 = $4, reason_code = $5, checks = $6, stream_version = $7, ended_at = $8
    where run_id = $1
"""
CANCEL_RUN = """
    update runs set outcome = $2, cancelled_by = $3, text_id = $4, stream_version = $5, ended_at = $6 where run_id = $1
"""


def _requested(event: RecordedEvent) -> Iterable[Statement]:
    fields = event.fields
    subject = (fields["run_id"], fields["model_id"], fields["version_id"], fields["environment"])
    champion = _json(fields["champion"]) if fields["champion"] else None
    bound = (_json(fields["plan"]), fields["artifact_sha256"], _json(fields["datasets"]), champion)
    yield Statement(INSERT_RUN, (*subject, *bound, event.version, event.actor, event.recorded_at, event.position))


def _ended(event: RecordedEvent) -> Iterable[Statement]:
    fields = event.fields
    checks = _json(fields["checks"]) if "checks" in fields else None
    found = (fields["status"], fields.get("result_sha256"), fields.get("measured_sha256"), fields.get("reason_code"), checks)
    yield Statement(END_RUN, (fields["run_id"], *found, event.version, event.recorded_at))


def _cancelled(event: RecordedEvent) -> Iterable[Statement]:
    fields = event.fields
    ended = (fields["status"], event.actor, fields["reason"]["id"], event.version, event.recorded_at)
    yield Statement(CANCEL_RUN, (fields["run_id"], *ended))


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


RUN_ROWS = {
    "RunRequested": _requested,
    "VerificationPassed": _ended,
    "VerificationFailed": _ended,
    "RunErrored": _ended,
    "RunCancelled": _cancelled,
}
