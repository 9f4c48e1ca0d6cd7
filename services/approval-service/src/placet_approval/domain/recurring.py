"""An event that begins its stream or continues it, for streams of one event type."""

from eventsourcing.domain import CanMutateAggregate, TAggregate
from eventsourcing.utils import get_topic

from placet_shared.aggregates import Aggregate, Created

__all__ = ["Recurring", "origin_of"]


class Recurring(Created):
    """Trigger it with `originator_topic=origin_of(aggregate)` when the stream exists already."""

    TOPIC = "Recurring"

    def mutate(self, aggregate: TAggregate | None) -> TAggregate | None:
        """Begin the aggregate when there is none yet, else continue it."""
        return super().mutate(None) if aggregate is None else CanMutateAggregate.mutate(self, aggregate)


def origin_of(aggregate: Aggregate) -> str:
    """What the library requires of an event that creates an aggregate."""
    return get_topic(type(aggregate))
