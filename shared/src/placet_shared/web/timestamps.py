"""Times in requests: a date and a time of RFC 3339 with their offset; in UTC from there on."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, WithJsonSchema

__all__ = ["Timestamp"]

LENGTH = 40
ALLOWED = "a time with its offset, such as 2027-06-30T00:00:00Z"
_BEGINS_WITH_A_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")


def _text_of_a_time(value: Any) -> Any:
    """A number would be taken for seconds, or for milliseconds, by its size."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or len(value) > LENGTH or not _BEGINS_WITH_A_DATE.match(value):
        raise ValueError(ALLOWED)
    return value


def _in_utc(moment: datetime) -> datetime:
    """Refuse an offset that leads out of the calendar, which would fail only where the time is calculated with."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{ALLOWED}; in UTC between the years 1 and 9999") from None


Timestamp = Annotated[
    AwareDatetime,
    BeforeValidator(_text_of_a_time),
    AfterValidator(_in_utc),
    WithJsonSchema({"type": "string", "format": "date-time", "maxLength": LENGTH}),
]
