"""An entry of the log as projections read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Self

import orjson

__all__ = ["Entry", "fields_of"]


def fields_of(data: bytes) -> dict[str, Any]:
    """An event's own fields; empty when they are no JSON object that can be read."""
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


@dataclass(frozen=True)
class Entry:
    """The columns that views are made of."""

    index: int
    logged_at: datetime
    source: str
    position: int
    event_id: str
    type: str
    subject: str
    actor: str
    on_behalf_of: str | None
    correlation: str
    recorded_at: datetime
    data: bytes
    traceparent: str | None = None

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The event's own fields."""
        return fields_of(self.data)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row of `entries`."""
        return cls(
            row["index"], row["logged_at"], row["source"], row["position"], str(row["event_id"]), row["type"], row["subject"],
            row["actor"], row["on_behalf_of"], row["correlation"], row["recorded_at"], row["data"],
            row["traceparent"],
        )  # fmt: skip
