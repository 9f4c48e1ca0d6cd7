"""One row a version; only its lineage ever grows."""

from collections.abc import Iterable

import orjson

from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["VERSION_ROWS"]

INSERT_VERSION = """
    insert into versions (version_id, model_id, number, sha256, size, uri, format, signature, lineage,
                          registered_by, registered_at, position)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
ADD_LINEAGE = """
    update versions set lineage = (lineage::jsonb || jsonb_build_object(
        'trained_by', (lineage::jsonb -> 'trained_by') || $2::jsonb, 'prepared_by', (lineage::jsonb -> 'prepared_by') || $3::jsonb,
        'data', (lineage::jsonb -> 'data') || $4::jsonb))::json
    where version_id = $1
"""


def _registered(event: RecordedEvent) -> Iterable[Statement]:
    fields, artifact = event.fields, event.fields["artifact"]
    identity = (fields["version_id"], fields["model_id"], fields["number"])
    signature = orjson.dumps(fields["signature"]).decode() if fields["signature"] else None
    facts = (fields["format"], signature, orjson.dumps(fields["lineage"]).decode())
    begun = (event.actor, event.recorded_at, event.position)
    yield Statement(INSERT_VERSION, (*identity, artifact["sha256"], artifact["size"], artifact["uri"], *facts, *begun))


def _lineage_added(event: RecordedEvent) -> Iterable[Statement]:
    added = (orjson.dumps(event.fields[part]).decode() for part in ("trained_by", "prepared_by", "data"))
    yield Statement(ADD_LINEAGE, (event.fields["version_id"], *added))


VERSION_ROWS = {"VersionRegistered": _registered, "LineageAdded": _lineage_added}
