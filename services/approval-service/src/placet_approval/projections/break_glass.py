"""Rows of break-glasses, of the debts that they leave and of the reviews that settle these, from their events."""

from collections.abc import Iterable

import orjson

from placet_approval.domain.timestamps import parse_rfc3339
from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["BREAK_GLASS_ROWS"]

OPEN = """
    insert into break_glasses (glass_id, debt_id, model_id, version_id, artifact_sha256, environment, opened_by, incident, ends_at, text_id,
                               text_hmac, opened_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
CLOSE = "update break_glasses set closed_by = $2, closed_at = $3 where glass_id = $1"
INCUR = """
    insert into debts (debt_id, glass_id, model_id, version_id, artifact_sha256, environment, opened_by, incident, token_issuers,
                       signatures, incurred_at, stream_version)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
REVIEW = """
    insert into debt_reviews (debt_id, person_id, role, token_issuers, text_id, text_hmac, reviewed_at) values ($1, $2, $3, $4, $5, $6, $7)
"""
SETTLE = "update debts set settled_at = $2 where debt_id = $1"
# Debts of a model in an environment are one stream, whose version is the ETag of each of them.
MOVED = "update debts set stream_version = $3 where model_id = $1 and environment = $2"


def _opened(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    names = ("glass_id", "debt_id", "model_id", "version_id", "artifact_sha256", "environment", "person_id", "incident")
    reason = (data["reason"]["id"], data["reason"]["hmac"])
    yield Statement(OPEN, (*(data[name] for name in names), parse_rfc3339(data["ends_at"]), *reason, event.recorded_at))


def _closed(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(CLOSE, (event.fields["glass_id"], event.fields["closed_by"], event.recorded_at))


def _incurred(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    names = ("debt_id", "glass_id", "model_id", "version_id", "artifact_sha256", "environment", "person_id", "incident", "token_issuers")
    terms = orjson.dumps(data["signatures"]).decode()
    yield Statement(INCUR, (*(data[name] for name in names), terms, event.recorded_at, event.version))
    yield _moved(event)


def _reviewed(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    signed = (data["debt_id"], data["person_id"], data["role"], data["token_issuers"])
    yield Statement(REVIEW, (*signed, data["review"]["id"], data["review"]["hmac"], event.recorded_at))
    yield _moved(event)


def _settled(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(SETTLE, (event.fields["debt_id"], event.recorded_at))
    yield _moved(event)


def _moved(event: RecordedEvent) -> Statement:
    return Statement(MOVED, (event.fields["model_id"], event.fields["environment"], event.version))


BREAK_GLASS_ROWS: Rows = {
    "BreakGlassOpened": _opened,
    "BreakGlassClosed": _closed,
    "DebtIncurred": _incurred,
    "DebtReviewed": _reviewed,
    "DebtSettled": _settled,
}
