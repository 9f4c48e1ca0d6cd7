"""One row a version of a plan; rows are never changed."""

from collections.abc import Iterable

import orjson

from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["PLAN_ROWS"]

INSERT_PLAN = """
    insert into plans (environment, version, plan_id, name, sha256, document, text_id, published_by, published_at, position)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


def _version(event: RecordedEvent) -> Iterable[Statement]:
    fields = event.fields
    terms = (fields["environment"], fields["version"], fields["plan_id"], fields["name"], fields["sha256"])
    document = orjson.dumps(fields["document"]).decode()
    yield Statement(INSERT_PLAN, (*terms, document, fields["text"]["id"], event.actor, event.recorded_at, event.position))


PLAN_ROWS = {"PlanPublished": _version, "PlanRevised": _version}
