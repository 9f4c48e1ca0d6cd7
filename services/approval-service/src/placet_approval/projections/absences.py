"""Rows of the people who are absent, from their events."""

from collections.abc import Iterable

from placet_approval.domain.timestamps import parse_rfc3339
from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["ABSENCE_ROWS"]

STATE = """
    insert into absences (person_id, starts_at, ends_at, stated_by, stated_at) values ($1, $2, $3, $4, $5)
    on conflict (person_id) do update set
        starts_at = excluded.starts_at, ends_at = excluded.ends_at, stated_by = excluded.stated_by, stated_at = excluded.stated_at
"""
CLEAR = "delete from absences where person_id = $1"


def _stated(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    ends = data["ends_at"] and parse_rfc3339(data["ends_at"])
    yield Statement(STATE, (data["person_id"], parse_rfc3339(data["starts_at"]), ends, data["stated_by"], event.recorded_at))


ABSENCE_ROWS: Rows = {"AbsenceStated": _stated, "AbsenceCleared": lambda event: [Statement(CLEAR, (event.fields["person_id"],))]}
