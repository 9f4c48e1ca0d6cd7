"""What Kafka owes: the event that the feed had first, until that very event comes."""

from msgspec.structs import replace

from placet_shared.bus.kafka.owed import Owed
from placet_shared.identifiers import new_id

from .test_envelope import EVENT

OTHER = replace(EVENT, id=new_id(), position=EVENT.position + 1, prev=EVENT.id)


def test_event_that_the_feed_had_first_is_owed_until_it_comes() -> None:
    owed = Owed()
    assert not owed.is_overdue(1e9)
    owed.should_come(EVENT, 10.0)
    owed.should_come(OTHER, 15.0)
    assert not owed.is_overdue(9.9)
    assert owed.is_overdue(10.0)
    owed.has_come([OTHER])
    assert owed.is_overdue(10.0)
    owed.has_come([OTHER, EVENT])
    assert not owed.is_overdue(1e9)


def test_message_that_only_claims_the_position_pays_nothing() -> None:
    owed = Owed()
    owed.should_come(EVENT, 10.0)
    owed.has_come([replace(EVENT, id=new_id()), replace(EVENT, id=new_id(), position=10**9)])
    assert owed.is_overdue(10.0)


def test_event_that_came_before_the_feed_had_it_is_not_owed() -> None:
    owed = Owed()
    owed.has_come([EVENT])
    owed.should_come(EVENT, 10.0)
    assert not owed.is_overdue(1e9)
