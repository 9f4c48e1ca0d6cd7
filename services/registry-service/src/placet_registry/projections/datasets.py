"""One row a version of a data set; the one before it is no longer the newest of its name."""

from collections.abc import Iterable
from datetime import date

import orjson

from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["DATASET_ROWS", "INSERT_DATASET", "SUPERSEDE_DATASET"]

SUPERSEDE_DATASET = "update datasets set superseded = true where name = $1 and number = $2"
INSERT_DATASET = """
    insert into datasets (dataset_id, name, number, sha256, size, format, columns, rows, period_from, period_to, role, owner,
                          registered_by, registered_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""


def _registered(event: RecordedEvent) -> Iterable[Statement]:
    fields = event.fields
    if fields["number"] > 1:
        yield Statement(SUPERSEDE_DATASET, (fields["name"], fields["number"] - 1))
    columns = None if fields["columns"] is None else orjson.dumps(fields["columns"]).decode()
    period = [date.fromisoformat(fields["period"][end]) for end in ("from", "to")] if fields["period"] else (None, None)
    identity = (fields["dataset_id"], fields["name"], fields["number"], fields["sha256"], fields["size"])
    facts = (fields["format"], columns, fields["rows"], *period, fields["role"], fields["owner"])
    yield Statement(INSERT_DATASET, (*identity, *facts, event.actor, event.recorded_at))


DATASET_ROWS = {"DataSetRegistered": _registered}
