"""Times as people read them: how long ago on a terminal; in a pipe, where a program may read them, the time itself."""

from datetime import UTC, datetime

from placet_client.printing.terminal import is_terminal
from placet_client.printing.words import plain, when

__all__ = ["ago", "dated", "in_words", "relative"]

MINUTE, HOUR, DAY = 60, 3600, 86_400
# Up to so many seconds, in this unit.
UNITS = (
    (90, 1, "s", "s"),
    (90 * MINUTE, MINUTE, "min", "min"),
    (36 * HOUR, HOUR, "h", "h"),
    (100 * DAY, DAY, "day", "days"),
    (730 * DAY, 30 * DAY, "month", "months"),
    (float("inf"), 365 * DAY, "year", "years"),
)


def ago(time: str | datetime | None, now: datetime | None = None) -> str:
    """For a column: `3 h ago` or `in 2 days` on a terminal, else the time as `when` says it."""
    return relative(time, now) if time and is_terminal() else when(time)


def dated(time: str | datetime | None, now: datetime | None = None) -> str:
    """For a fact: the time, and on a terminal how long ago."""
    return f"{when(time)} ({relative(time, now)})" if time and is_terminal() else when(time)


def relative(time: str | datetime, now: datetime | None = None) -> str:
    """`3 h ago` or `in 2 days`; what is no time is said as it is."""
    try:
        then = time if isinstance(time, datetime) else datetime.fromisoformat(time)
        seconds = ((now or datetime.now(UTC)) - then).total_seconds()
    except (ValueError, TypeError):
        return plain(time)
    long = in_words(abs(seconds))
    return f"{long} ago" if seconds >= 0 else f"in {long}"


def in_words(seconds: float) -> str:
    """`3 h`, `2 days`."""
    unit, one, several = next((unit, one, several) for most, unit, one, several in UNITS if seconds < most)
    number = round(seconds / unit)
    return f"{number} {one if number == 1 else several}"
