"""How long ago, for people; the time, for programs."""

from datetime import UTC, datetime, timedelta

import pytest

from placet_client.printing.times import ago, dated, relative

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(0), "0 s ago"),
        (timedelta(seconds=89), "89 s ago"),
        (timedelta(seconds=90), "2 min ago"),
        (timedelta(minutes=89), "89 min ago"),
        (timedelta(hours=35), "35 h ago"),
        (timedelta(hours=36), "2 days ago"),
        (timedelta(days=99), "99 days ago"),
        (timedelta(days=100), "3 months ago"),
        (timedelta(days=800), "2 years ago"),
        (timedelta(hours=-3), "in 3 h"),
        (timedelta(days=-90, seconds=9), "in 90 days"),
    ],
    ids=str,
)
def test_relative_time_has_one_number_and_its_unit(past: timedelta, said: str) -> None:
    assert relative(NOW - past, NOW) == said
    assert relative((NOW - past).isoformat().replace("+00:00", "Z"), NOW) == said


def test_what_is_no_time_is_said_as_it_is() -> None:
    assert relative("\x1bsoon", NOW) == "�soon"


def test_pipe_is_told_the_time_and_a_terminal_how_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    then = NOW - timedelta(hours=2)
    assert (ago(then, NOW), dated(then, NOW), ago(None)) == ("2026-11-28 10:00:00", "2026-11-28 10:00:00", "")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert (ago(then, NOW), dated(then, NOW), ago(None)) == ("2 h ago", "2026-11-28 10:00:00 (2 h ago)", "")
