"""The timeline: who did what to what, when and with which result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson
from pydantic import BaseModel, Field

from placet_audit.domain.meaning import Result

__all__ = ["Line", "TimelineFilter", "read_timeline"]

LINES = "select * from timeline where {conditions} order by index {direction} limit {limit}"


class Line(BaseModel):
    """One act on record."""

    index: int = Field(description="its place in the audit log")
    recorded_at: datetime = Field(description="when the service recorded it")
    logged_at: datetime = Field(description="when the audit log had it")
    source: str
    position: int
    type: str = Field(examples=["ApprovalGranted"])
    result: Result
    subject: str
    model_id: str | None
    model_name: str | None
    version_id: str | None
    version_number: int | None
    environment: str | None
    actor: str = Field(description="an opaque id; names are approval-service's to tell")
    on_behalf_of: str | None
    correlation: str
    event_id: str
    details: dict[str, Any]


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

    def conditions(self) -> tuple[list[str], list[Any]]:
        """SQL conditions with numbered parameters, and their values."""
        known = {
            "(model_id = {0} or model_id in (select model_id from known_models where name = {0}))": self.model,
            "version_id = {0}": self.version,
            "environment = {0}": self.environment,
            "(actor = {0} or on_behalf_of = {0})": self.actor,
            "type = {0}": self.type,
            "result = {0}": self.result,
            "source = {0}": self.source,
            "correlation = {0}": self.correlation,
            "recorded_at >= {0}": self.since,
            "recorded_at < {0}": self.until,
        }
        given = [(condition, value) for condition, value in known.items() if value is not None]
        return [condition.format(f"${place}") for place, (condition, _) in enumerate(given, 1)], [value for _, value in given]


async def read_timeline(
    connection: asyncpg.Connection, wanted: TimelineFilter, *, newest_first: bool, after: int | None, limit: int
) -> Sequence[Line]:
    """Lines beyond the index `after`, in order of the index; at most `limit`."""
    conditions, values = wanted.conditions()
    if after is not None:
        values.append(after)
        conditions.append(f"index {'<' if newest_first else '>'} ${len(values)}")
    sql = LINES.format(conditions=" and ".join(conditions) or "true", direction="desc" if newest_first else "asc", limit=int(limit))
    return [_line(row) for row in await connection.fetch(sql, *values)]


def _line(row: asyncpg.Record) -> Line:
    values = dict(row)
    values["event_id"] = str(values["event_id"])
    values["details"] = orjson.loads(values["details"])
    return Line.model_validate(values)
