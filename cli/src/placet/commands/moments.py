"""Times on the command line: in so many days, or at a date."""

import re
from datetime import UTC, datetime, timedelta

import typer

__all__ = ["condition_of", "moment_of"]

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
HOW = "a duration such as 12h or 30d, or a date or time such as 2026-12-20"


def moment_of(text: str, now: datetime | None = None) -> str:
    """RFC 3339, from `30d` or an ISO 8601 date or time (in UTC unless it says otherwise); raises `typer.BadParameter`."""
    if found := re.fullmatch(r"([1-9][0-9]{0,4})([mhdw])", text):
        return ((now or datetime.now(UTC)) + timedelta(**{UNITS[found[2]]: int(found[1])})).isoformat()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not {HOW}.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def condition_of(text: str) -> dict[str, str]:
    """`alice 14d Show the calibration on the January data.`: the owner, when it is due, what is to be done."""
    words = text.split(maxsplit=2)
    if len(words) < 3:
        raise typer.BadParameter(
            "A condition is its owner, when it is due, and what is to be done: 'alice 14d Show it on the January data.'"
        )
    owner, due, what = words
    return {"owner": owner, "due_at": moment_of(due), "condition": what}
