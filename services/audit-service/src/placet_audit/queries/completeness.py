"""How complete an answer is: up to which index, and how far behind each source is (an empty list never means "not yet arrived")."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg
from pydantic import BaseModel, Field

from placet_audit.domain import marks
from placet_audit.ports import Heard
from placet_shared.event_store import Position

__all__ = ["Completeness", "SourceLag", "completeness", "lag_seconds"]

VIEWS_AT = f"""
    select m.index, e.logged_at, clock_timestamp() as now
    from projection_marks m left join entries e on e.index = m.index where m.name = '{marks.VIEWS}'
"""
# What the views have of each source, which may be less than the log has. Compared as pairs, since the planner would read all of the log
# backwards for a source without recent events.
SHOWN = """
    select s.source, e.epoch, e.position, e.recorded_at
    from unnest($1::text[]) s(source) left join lateral (
        select * from (
            select source, epoch, position, recorded_at from entries
            where (source, index) <= (s.source, $2) order by source desc, index desc limit 1
        ) last where last.source = s.source
    ) e on true order by s.source
"""


class SourceLag(BaseModel):
    """The lag of the answer behind one source."""

    source: str = Field(description="the service")
    epoch: int = Field(description="of the last event that the answer includes")
    position: int = Field(description="the last event of the source that the answer includes")
    head: int | None = Field(description="the source's last event, asked for this answer; the last known one when it is not reachable")
    reachable: bool = Field(description="whether the source said where it is for this answer")
    lag_seconds: float | None = Field(
        description="0 when nothing was missing at the time of the question; else for how long events may be; null when that is unknown"
    )


class Completeness(BaseModel):
    """Every answer about the past carries this."""

    as_of_index: int = Field(description="the answer includes every entry up to this index; -1 for an empty log")
    as_of_time: datetime | None = Field(description="when that entry was logged")
    lag_seconds: float | None = Field(description="the largest lag of all sources; null when one is unknown")
    sources: list[SourceLag] = Field(description="each service")


async def completeness(connection: asyncpg.Connection, heard: Mapping[str, Heard]) -> Completeness:
    """Read in the same snapshot as the answered rows, after the sources reported their heads."""
    views = await connection.fetchrow(VIEWS_AT)
    shown = await connection.fetch(SHOWN, list(heard), views["index"])
    sources = [_lag(row, heard[row["source"]], views["now"]) for row in shown]
    return Completeness(as_of_index=views["index"], as_of_time=views["logged_at"], lag_seconds=_worst(sources), sources=sources)


def _lag(shown: asyncpg.Record, heard: Heard, now: datetime) -> SourceLag:
    last = Position(shown["source"], shown["epoch"] or 0, shown["position"] or 0)
    recorded = (now - shown["recorded_at"]).total_seconds() if shown["recorded_at"] else None
    return SourceLag(
        source=last.source,
        epoch=last.epoch,
        position=last.position,
        head=heard.said[0].head.position if heard.said else None,
        reachable=heard.reachable,
        lag_seconds=lag_seconds(last, recorded, heard),
    )


def lag_seconds(last: Position, recorded: float | None, heard: Heard) -> float | None:
    """Counted from the latest moment at which nothing was missing for certain."""
    if heard.reachable and _has(last, heard.said[0].head):
        return 0.0
    complete = [said.seconds_ago for said in heard.said if _has(last, said.head)]
    return min((max(seconds, 0.0) for seconds in (*complete, recorded) if seconds is not None), default=None)


def _has(last: Position, head: Position) -> bool:
    return last.position >= head.position and last.epoch >= head.epoch


def _worst(sources: Sequence[SourceLag]) -> float | None:
    lags = [source.lag_seconds for source in sources]
    return None if None in lags else max((lag for lag in lags if lag is not None), default=0.0)
