"""Rows of directives, from their events."""

from collections.abc import Iterable

import orjson

from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["DIRECTIVE_ROWS"]

# The same deployment and sign-off again, after its bytes were approved in between: the directive is open anew.
ISSUE = """
    insert into directives (directive_id, kind, model_id, version_id, environment, deployment_id, artifact_sha256, sign_off_id, because,
                            roll_back_to, issued_at, stream_version)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    on conflict (directive_id) do update
        set kind = excluded.kind, because = excluded.because, roll_back_to = excluded.roll_back_to, issued_at = excluded.issued_at,
            stream_version = excluded.stream_version, how = null, known_by = null, resolved_by = null, resolved_at = null,
            text_id = null, text_hmac = null
"""
RESOLVE = """
    update directives set how = $2, known_by = $3, resolved_by = $4, resolved_at = $5, text_id = $6, text_hmac = $7, stream_version = $8
    where directive_id = $1
"""
NAMES = (
    "directive_id", "kind", "model_id", "version_id", "environment", "deployment_id", "artifact_sha256", "sign_off_id", "because",
)  # fmt: skip


def _issued(event: RecordedEvent) -> Iterable[Statement]:
    target = event.fields["roll_back_to"]
    document = orjson.dumps(target).decode() if target else None
    yield Statement(ISSUE, (*(event.fields[name] for name in NAMES), document, event.recorded_at, event.version))


def _resolved(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    reason = (data["reason"]["id"], data["reason"]["hmac"]) if data["reason"] else (None, None)
    found = (data["directive_id"], data["how"], data["known_by"], event.actor, event.recorded_at)
    yield Statement(RESOLVE, (*found, *reason, event.version))


DIRECTIVE_ROWS: Rows = {"DirectiveIssued": _issued, "DirectiveResolved": _resolved}
