"""One row a version of a plan; the newest one is in force, unless it was withdrawn."""

from collections.abc import Iterable

import orjson

from placet_shared.aggregates import stream_name
from placet_shared.event_store import RecordedEvent, Statement
from placet_verification.domain.plans import Plan

__all__ = ["PLAN_ROWS"]

INSERT_PLAN = """
    insert into plans (plan_id, version, name, sha256, environments, document, stream_key, in_force, text_id, published_by,
                       published_at, position)
    values ($1, $2, $3, $4, $5, $6, $7, true, $8, $9, $10, $11)
"""
SUPERSEDE_PLAN = "update plans set in_force = false where plan_id = $1 and in_force"
WITHDRAW_PLAN = "update plans set in_force = false, withdrawn_at = $2 where plan_id = $1 and in_force"


def _published(event: RecordedEvent) -> Iterable[Statement]:
    fields = event.fields
    yield Statement(SUPERSEDE_PLAN, (fields["plan_id"],))
    terms = (fields["plan_id"], fields["version"], fields["name"], fields["sha256"], fields["document"]["environments"])
    document = orjson.dumps(fields["document"]).decode()
    key = event.stream.removeprefix(stream_name(Plan.CATEGORY, ""))
    said = (fields["text"]["id"], event.actor, event.recorded_at, event.position)
    yield Statement(INSERT_PLAN, (*terms, document, key, *said))


def _withdrawn(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(WITHDRAW_PLAN, (event.fields["plan_id"], event.recorded_at))


PLAN_ROWS = {"PlanPublished": _published, "PlanRevised": _published, "PlanWithdrawn": _withdrawn}
