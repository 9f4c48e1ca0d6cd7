"""What the documents of policies are made of: strict parts, durations, roles."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from placet_approval.domain.roles import ROLE_LENGTH, ROLE_PATTERN

__all__ = ["Duration", "Part", "Role", "by_default"]

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST = timedelta(days=3660)

Role = Annotated[str, Field(pattern=f"^{ROLE_PATTERN}$", max_length=ROLE_LENGTH, examples=["reviewer"])]


def _duration(value: Any) -> timedelta:
    match = re.fullmatch(r"([1-9][0-9]{0,4})([smhdw])", value) if isinstance(value, str) else None
    length = timedelta(**{UNITS[match[2]]: int(match[1])}) if match else None
    if length is None or length > LONGEST:
        raise PydanticCustomError("duration", "a duration such as 45m, 12h, 30d or 8w, of at most ten years")
    return length


Duration = Annotated[
    timedelta,
    PlainValidator(_duration),
    PlainSerializer(lambda length: f"{int(length.total_seconds())}s"),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,4}[smhdw]$", "maxLength": 6, "examples": ["30d"]}),
]


def by_default(length: timedelta, **described: Any) -> Any:
    """A field whose default is written as its values are, in the largest unit that fits: pydantic would publish `P30D`."""
    name, seconds = next(
        (name, seconds)
        for name, unit in reversed(UNITS.items())
        if length.total_seconds() % (seconds := timedelta(**{unit: 1}).total_seconds()) == 0
    )
    return Field(f"{int(length.total_seconds() // seconds)}{name}", validate_default=True, **described)


class Part(BaseModel):
    """A part of a document: no other fields, and no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)
