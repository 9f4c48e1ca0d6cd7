"""The timeline: who did what, when and with which result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson
from pydantic import BaseModel, Field

from placet_audit.domain.meaning import Result
from placet_audit.queries.models import model_ids
from placet_audit.queries.selecting_lines import Equal, Order, lines_of_values, lines_with_indexes
from placet_audit.queries.texts import SaidText

__all__ = ["Line", "TimelineFilter", "read_timeline"]

FEW = 1_000
WITHIN = """
    select index from timeline_rows
    where recorded_at >= coalesce($1, '-infinity'::timestamptz) and recorded_at < coalesce($2, 'infinity'::timestamptz)
    order by recorded_at limit $3
"""


class Line(BaseModel):
    """One act on record."""

    index: int = Field(description="its place in the audit log")
    recorded_at: datetime = Field(description="when the service recorded it")
    logged_at: datetime = Field(description="when it was added to the audit log")
    source: str = Field(description="the service that recorded it")
    position: int = Field(description="its place among the events of that service")
    type: str = Field(description="what happened: the event's type", examples=["ApprovalGranted"])
    result: Result = Field(description="how it ended")
    subject: str = Field(description="what it is about: a model's id, else that of a person, a policy, a plan, an environment or a blob")
    model_id: str | None = Field(description="null for what is about no model")
    model_name: str | None = Field(description="as it is registered; null for what is about no model")
    version_id: str | None = Field(description="null for what is about no version")
    version_number: int | None = Field(description="of the version, within its model; null for what is about no version")
    environment: str | None = Field(description="null for what is about none, as everything that was refused")
    actor: str = Field(description="an opaque id; approval-service has the names")
    on_behalf_of: str | None = Field(description="for whom the actor did it; null when for none but itself")
    correlation: str = Field(description="shared by all acts that one request, or one command, led to")
    event_id: str = Field(description="of the event, in every service")
    details: dict[str, Any] = Field(description="what the event says, without digests of tokens")
    said: SaidText | None = Field(
        None, exclude_if=lambda said: said is None, description="the rationale or comment of the act, if any; for auditors and admins"
    )


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """Every condition that is set must hold. `model` is an id or a name, `version` an id."""

    model: str | None = None
    version: str | None = None
    environment: str | None = None
    actor: str | None = None
    type: str | None = None
    result: Result | None = None
    source: str | None = None
    correlation: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def values(self, models: Sequence[str]) -> Sequence[Equal]:
        """Columns and the values that they may have."""
        conditions = (
            Equal(("correlation",), [self.correlation]),
            Equal(("version_id",), [self.version]),
            Equal(("model_id",), models),
            Equal(("actor", "on_behalf_of"), [self.actor]),
            Equal(("result",), [self.result]),
            Equal(("type",), [self.type]),
            Equal(("environment",), [self.environment]),
            Equal(("source",), [self.source]),
        )
        return [condition for condition in conditions if condition.values and condition.values != [None]]


async def read_timeline(connection: asyncpg.Connection, wanted: TimelineFilter, order: Order, limit: int) -> Sequence[Line]:
    """Lines in the order of their indexes; at most `limit`."""
    models = await model_ids(connection, wanted.model) if wanted.model is not None else ()
    values = wanted.values(models)
    few = await _few_within(connection, wanted)
    if few is not None:
        question = lines_with_indexes(few, values, order, limit)
    else:
        question = lines_of_values(values, wanted.since, wanted.until, order, limit)
    return [_line(row) for row in await connection.fetch(question.sql, *question.args)]


async def _few_within(connection: asyncpg.Connection, wanted: TimelineFilter) -> Sequence[int] | None:
    """The lines between these times, if they are few: they may be anywhere in the order of the log."""
    if wanted.since is None and wanted.until is None:
        return None
    rows = await connection.fetch(WITHIN, wanted.since, wanted.until, FEW + 1)
    return [row["index"] for row in rows] if len(rows) <= FEW else None


def _line(row: asyncpg.Record) -> Line:
    values = dict(row)
    values["event_id"] = str(values["event_id"])
    values["details"] = orjson.loads(values["details"])
    return Line.model_validate(values)
