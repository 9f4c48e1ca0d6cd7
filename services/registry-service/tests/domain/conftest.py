"""Given these events, when this command, then these events or this error."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from placet_shared.aggregates import Aggregate, Event, event_from_stored, plain_fields, stream_name

Past = tuple[type[Event], dict[str, Any]]
Decided = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 11, 23, 14, tzinfo=UTC)


@pytest.fixture
def given(at: datetime) -> Callable[..., Any]:
    """The aggregate that has these events behind it."""

    def rebuilt(aggregate: type[Aggregate], key: str, *past: Past) -> Aggregate:
        stream = stream_name(aggregate.CATEGORY, key)
        events = [event_from_stored(kind, aggregate, stream, version, at, data) for version, (kind, data) in enumerate(past, 1)]
        found = aggregate.rebuild(events)
        assert found is not None
        return found

    return rebuilt


@pytest.fixture
def decided() -> Callable[[Aggregate], Decided]:
    """What an aggregate has decided, in order: (event type, its data)."""

    def collected(aggregate: Aggregate) -> Decided:
        events: list[Any] = list(aggregate.collect_events())
        return [(event.TOPIC, plain_fields(event)) for event in events]

    return collected
