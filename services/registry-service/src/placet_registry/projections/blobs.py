"""One row a blob, written once."""

from collections.abc import Iterable

from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["BLOB_ROWS"]

INSERT_BLOB = "insert into blobs (sha256, size, stored_by, stored_at) values ($1, $2, $3, $4)"


def _stored(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(INSERT_BLOB, (event.fields["sha256"], event.fields["size"], event.actor, event.recorded_at))


BLOB_ROWS = {"BlobStored": _stored}
