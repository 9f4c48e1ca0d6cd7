"""Deadlines count the time of working days, by the calendar and the clock of a place."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet_approval.domain.working_days import EVERY_DAY, WEEKDAYS, Calendar

BERLIN = Calendar(("mon", "tue", "wed", "thu", "fri"), (date(2026, 12, 25),), "Europe/Berlin")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-11-27T12:00+01:00", 2 * DAY, "2026-12-01T12:00+01:00"),  # Friday noon: Tuesday noon
        ("2026-11-28T09:00+01:00", 1 * DAY, "2026-12-01T00:00+01:00"),  # Saturday: all of Monday
        ("2026-12-24T12:00+01:00", 1 * DAY, "2026-12-28T12:00+01:00"),  # over Christmas and a weekend
        ("2026-11-27T22:00+01:00", 4 * HOUR, "2026-11-30T02:00+01:00"),  # two hours of Friday, two of Monday
        ("2026-03-27T12:00+01:00", 1 * DAY, "2026-03-30T12:00+02:00"),  # noon stays noon when the clocks change
        ("2026-11-27T23:30+00:00", 1 * HOUR, "2026-11-30T01:00+01:00"),  # Saturday already in Berlin
    ],
)
def test_time_of_weekends_and_holidays_does_not_count(start: str, length: timedelta, end: str) -> None:
    assert BERLIN.after(datetime.fromisoformat(start), length) == datetime.fromisoformat(end)


MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
LENGTHS = st.timedeltas(timedelta(minutes=1), 60 * DAY)


@given(MOMENTS, LENGTHS)
def test_without_a_calendar_it_is_plain_time(start: datetime, length: timedelta) -> None:
    assert EVERY_DAY.after(start, length) == start + length


@given(MOMENTS, LENGTHS, LENGTHS, st.sets(st.sampled_from(WEEKDAYS), min_size=1))
def test_more_time_never_ends_earlier_and_never_before_plain_time(
    start: datetime, length: timedelta, more: timedelta, days: set[str]
) -> None:
    calendar = Calendar(tuple(day for day in WEEKDAYS if day in days))
    end = calendar.after(start, length)
    assert start + length <= end <= calendar.after(start, length + more)


def test_content_and_back() -> None:
    assert Calendar.from_content(BERLIN.content()) == BERLIN
