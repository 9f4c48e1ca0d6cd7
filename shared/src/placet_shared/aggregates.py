"""The base of every aggregate: the `eventsourcing` library's domain model without a clock and without module paths.

Events are nested frozen dataclasses with an explicit stored name (`TOPIC`) and plain JSON fields (str, int, float, bool,
None, list, dict): those fields *are* the published contract. A subclass looks like this:

    class Model(Aggregate):
        TOPIC = "Model"
        CATEGORY = "model"

        class ModelRegistered(Created):
            TOPIC = "ModelRegistered"
            model_id: str
            name: str

            def apply(self, aggregate: "Model") -> None:
                aggregate.name = self.name

        @classmethod
        def register(cls, model_id: str, name: str, at: datetime) -> "Model":
            return cls.create(cls.ModelRegistered, key=model_id, at=at, model_id=model_id, name=name)

Commands are methods that decide, raise a `Refusal` or call `self.trigger(EventClass, at=…, …)`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, ClassVar, NoReturn, Self

from eventsourcing.domain import BaseAggregate, CanInitAggregate, CanMutateAggregate, MetaDomainEvent, TAggregate
from eventsourcing.utils import get_topic

__all__ = ["Aggregate", "Created", "Event", "Recurring", "event_classes", "origin_of", "own_fields", "plain_fields", "stream_name"]

_ENVELOPE = frozenset({"originator_id", "originator_version", "timestamp", "originator_topic"})


def stream_name(category: str, key: str) -> str:
    """The stream of one aggregate: `<category>-<key>`; a category has no hyphen, a key may have."""
    return f"{category}-{key}"


class Event(CanMutateAggregate[str], metaclass=MetaDomainEvent):
    """Base of all domain events; `originator_id` is the stream's name."""

    TOPIC: ClassVar[str]
    SCHEMA_VERSION: ClassVar[int] = 1

    originator_id: str
    originator_version: int
    timestamp: datetime

    @staticmethod
    def create_timestamp() -> NoReturn:
        """The domain has no clock."""
        raise AssertionError("time is passed into the domain: give `at`")


class Created(CanInitAggregate[str], Event):
    """Base of the events that begin a stream."""

    originator_topic: str


class Recurring(Created):
    """Base of an event that begins its stream or continues it, for streams of one event type.

    Trigger it with `originator_topic=origin_of(aggregate)` when the stream exists already.
    """

    TOPIC = "Recurring"

    def mutate(self, aggregate: TAggregate | None) -> TAggregate | None:
        """Begin the aggregate when there is none yet, else continue it."""
        return super().mutate(None) if aggregate is None else CanMutateAggregate.mutate(self, aggregate)


class Aggregate(BaseAggregate[str]):
    """Base of all aggregates: explicit time, explicit identity, one stream."""

    CATEGORY: ClassVar[str]
    Event = Event

    @classmethod
    def create(cls, event_class: type[Created], *, key: str, at: datetime, **values: Any) -> Self:
        """Begin the stream `<CATEGORY>-<key>` with `event_class`."""
        return cls._create(event_class, id=stream_name(cls.CATEGORY, key), timestamp=at, **values)

    @classmethod
    def rebuild(cls, events: Sequence[CanMutateAggregate[str]], aggregate: Self | None = None) -> Self | None:
        """Fold a stream's events, oldest first, into what came before; None when there is nothing."""
        for event in events:
            aggregate = event.mutate(aggregate)
        return aggregate

    @property
    def key(self) -> str:
        """The stream's name without its category."""
        return str(self.id).removeprefix(self.CATEGORY + "-")

    def trigger(self, event_class: type[CanMutateAggregate[str]], *, at: datetime, **values: Any) -> None:
        """Decide: apply a new event and keep it for the append."""
        self.trigger_event(event_class, timestamp=at, **values)


def origin_of(aggregate: Aggregate) -> str:
    """What the library requires of an event that may create an aggregate."""
    return get_topic(type(aggregate))


def plain_fields(event: CanMutateAggregate[str]) -> dict[str, Any]:
    """An event's own fields in declaration order, envelope left out: the contract's `data`."""
    return {name: getattr(event, name) for name in own_fields(type(event))}


def event_classes(*aggregates: type[Aggregate]) -> Mapping[str, type[Event]]:
    """Stored name → class, for all events nested in these aggregates; two of one name are an error."""
    found: dict[str, type[Event]] = {}
    for aggregate in aggregates:
        for value in vars(aggregate).values():
            if isinstance(value, type) and issubclass(value, Event) and "TOPIC" in dir(value):
                if value.TOPIC in found:
                    raise ValueError(f"two event classes are stored as {value.TOPIC}")
                found[value.TOPIC] = value
    return found


def event_from_stored(
    event_class: type[Event], aggregate: type[Aggregate], stream: str, version: int, at: datetime, data: Mapping[str, Any]
) -> Event:
    """The event as it was triggered, from what was stored."""
    values: dict[str, Any] = {"originator_id": stream, "originator_version": version, "timestamp": at, **data}
    if issubclass(event_class, Created):
        values["originator_topic"] = get_topic(aggregate)
    return event_class(**values)


_names: dict[type, Sequence[str]] = {}


def own_fields(event_class: Any) -> Sequence[str]:
    """The names of an event's own fields in declaration order, envelope left out; cached, since each stored event needs them."""
    if event_class not in _names:
        _names[event_class] = [field.name for field in fields(event_class) if field.name not in _ENVELOPE]
    return _names[event_class]
