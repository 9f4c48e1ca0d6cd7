"""The parked events of a service: which event holds up which, and how each can be resolved."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

__all__ = ["ParkedEvent", "find_parked", "list_parked"]

ALL = "select * from parked_events order by source, position"
OF_CONSUMER = "select * from parked_events where source = $1 order by position"


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that its consumer could not apply, or that queues behind one.

    `behind` has the positions of the blocking events that it waits for, directly or behind others; an event without any blocks.
    `holds_up` is how many wait for it. `event` is the CloudEvent with its bytes unchanged.
    """

    consumer: str
    position: int
    epoch: int
    event_id: str
    type: str
    source: str
    subject: str
    subjects: Sequence[str]
    reason: str | None
    attempts: int
    parked_at: datetime
    behind: Sequence[int]
    holds_up: int
    event: bytes

    @property
    def blocks(self) -> bool:
        """Whether it waits for nothing but its own repair."""
        return not self.behind


class _Envelope(msgspec.Struct):
    """The members that no column has."""

    source: str
    subject: str


_envelope = msgspec.json.Decoder(_Envelope)


async def list_parked(pool: asyncpg.Pool) -> list[ParkedEvent]:
    """All of them, by consumer and in the order of their source."""
    rows = await pool.fetch(ALL)
    consumers = dict.fromkeys(row["source"] for row in rows)
    return [event for consumer in consumers for event in _queues(row for row in rows if row["source"] == consumer)]


async def find_parked(pool: asyncpg.Pool, consumer: str, position: int) -> ParkedEvent | None:
    """One of them."""
    events = _queues(await pool.fetch(OF_CONSUMER, consumer))
    return next((event for event in events if event.position == position), None)


def _queues(rows: Iterable[Any]) -> list[ParkedEvent]:
    """The parked events of one consumer, in order: each waits for whatever an earlier one that touches a subject of its own waits for."""
    rows = list(rows)
    blocking: dict[str, set[int]] = {}
    behind: dict[int, set[int]] = {}
    for row in rows:
        waits_for = set().union(*(blocking.get(subject, ()) for subject in row["subjects"]))
        behind[row["position"]] = waits_for
        for subject in row["subjects"]:
            blocking[subject] = waits_for or {row["position"]}
    holds_up = Counter(position for waits_for in behind.values() for position in waits_for)
    return [_parked(row, sorted(behind[row["position"]]), holds_up[row["position"]]) for row in rows]


def _parked(row: Any, behind: Sequence[int], holds_up: int) -> ParkedEvent:
    envelope = _envelope.decode(row["event"])
    return ParkedEvent(
        consumer=row["source"],
        position=row["position"],
        epoch=row["epoch"],
        event_id=str(row["event_id"]),
        type=row["type"],
        source=envelope.source,
        subject=envelope.subject,
        subjects=row["subjects"],
        reason=row["reason"],
        attempts=row["attempts"],
        parked_at=row["parked_at"],
        behind=behind,
        holds_up=holds_up,
        event=row["event"],
    )
