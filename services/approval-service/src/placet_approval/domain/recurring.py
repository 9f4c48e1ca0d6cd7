"""An event that begins its stream or continues it, for streams whose every entry says the same kind of thing."""

from eventsourcing.domain import CanMutateAggregate, TAggregate
from eventsourcing.utils import get_topic

from placet_shared.aggregates import Aggregate, Created

__all__ = ["Recurring", "origin_of"]


class Recurring(Created):
    """Trigger it with `originator_topic=origin_of(aggregate)` when the stream exists already."""

    TOPIC = "Recurring"

    def mutate(self, aggregate: TAggregate | None) -> TAggregate | None:
        """Begin the aggregate when there is none yet, else go on with it."""
        return super().mutate(None) if aggregate is None else CanMutateAggregate.mutate(self, aggregate)


def origin_of(aggregate: Aggregate) -> str:
    """What the library wants to know about an aggregate that begins."""
    return get_topic(type(aggregate))
