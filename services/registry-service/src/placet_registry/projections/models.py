"""One row a model: name, tags, where its description is, its latest number."""

from collections.abc import Iterable

import orjson

from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["MODEL_ROWS"]

INSERT_MODEL = """
    insert into models (model_id, name, description_id, description_hmac, tags, stream_version,
                        registered_by, registered_at, changed_at, position)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
"""
DESCRIBE_MODEL = """
    update models set description_id = $2, description_hmac = $3, stream_version = $4, changed_at = $5 where model_id = $1
"""
TAG_MODEL = """
    update models set tags = tags || jsonb_build_object($2::text, $3::text), stream_version = $4, changed_at = $5 where model_id = $1
"""
QUALIFY_MODEL = """
    update models set qualified_by = $2, qualified_at = $3, qualification_reason_id = $4, qualification_reason_hmac = $5,
                      stream_version = $6, changed_at = $3
    where model_id = $1
"""
UNTAG_MODEL = """
    update models set tags = tags - $2::text, stream_version = $3, changed_at = $4 where model_id = $1
"""
NUMBER_MODEL = """
    update models set latest_number = $2, stream_version = $3, changed_at = $4 where model_id = $1
"""


def _registered(event: RecordedEvent) -> Iterable[Statement]:
    fields = event.fields
    text = fields["description"] or {}
    tags = orjson.dumps(fields["tags"]).decode()
    begun = (event.version, event.actor, event.recorded_at, event.position)
    yield Statement(INSERT_MODEL, (fields["model_id"], fields["name"], text.get("id"), text.get("hmac"), tags, *begun))


def _described(event: RecordedEvent) -> Iterable[Statement]:
    text = event.fields["description"] or {}
    yield Statement(DESCRIBE_MODEL, (event.fields["model_id"], text.get("id"), text.get("hmac"), event.version, event.recorded_at))


def _tagged(event: RecordedEvent) -> Iterable[Statement]:
    fields = event.fields
    yield Statement(TAG_MODEL, (fields["model_id"], fields["key"], fields["value"], event.version, event.recorded_at))


def _qualified(event: RecordedEvent) -> Iterable[Statement]:
    reason = event.fields["reason"]
    said = (event.actor, event.recorded_at, reason["id"], reason["hmac"])
    yield Statement(QUALIFY_MODEL, (event.fields["model_id"], *said, event.version))


def _untagged(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(UNTAG_MODEL, (event.fields["model_id"], event.fields["key"], event.version, event.recorded_at))


def _numbered(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(NUMBER_MODEL, (event.fields["model_id"], event.fields["number"], event.version, event.recorded_at))


MODEL_ROWS = {
    "ModelRegistered": _registered,
    "ModelDescribed": _described,
    "ModelTagged": _tagged,
    "ModelQualified": _qualified,
    "ModelUntagged": _untagged,
    "VersionNumbered": _numbered,
}
