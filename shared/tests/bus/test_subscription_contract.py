"""What every adapter of the port promises, whatever carries the events; a further adapter is one more parameter of `bus`."""

import asyncio
from dataclasses import dataclass

import pytest

from placet_shared.bus.arrivals import arrivals
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.envelope import from_row
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.local import LocalSource
from placet_shared.bus.ports import Source, Subscription
from placet_shared.errors import OutOfRange
from placet_shared.event_store import RecordedEvent

from .conftest import SCHEMA, Counters, MakeReader

pytestmark = pytest.mark.postgres


@dataclass
class Bus:
    """A way for events: where they come from, and how one follows them."""

    counters: Counters
    subscription: Subscription
    source: Source

    async def stored(self) -> list[RecordedEvent]:
        return [from_row(SCHEMA, row) for row in await self.counters.site.events()]

    async def first(self, after: Cursor, number: int) -> list[RecordedEvent]:
        """Follow until so many events have come."""
        events: list[RecordedEvent] = []
        async with arrivals(self.subscription, after) as coming:
            async for arrived in coming:
                events += arrived.events
                if len(events) >= number:
                    return events
        raise AssertionError("a subscription does not end")


@pytest.fixture(params=["feed", "local", pytest.param("kafka", marks=pytest.mark.kafka)])
def bus(request: pytest.FixtureRequest, counters: Counters, feed_client: FeedClient) -> Bus:
    if request.param == "kafka":
        return Bus(counters, request.getfixturevalue("kafka_subscription"), feed_client)
    local = LocalSource(counters.feed, long_poll_seconds=0.2)
    ways: dict[str, tuple[Subscription, Source]] = {"feed": (feed_client, feed_client), "local": (local, local)}
    return Bus(counters, *ways[request.param])


async def test_events_come_whole_and_in_order(bus: Bus) -> None:
    await bus.counters.raise_("a", "b", "a", "c")
    stored = await bus.stored()
    assert await bus.first(Cursor(), len(stored)) == stored


async def test_following_goes_on_after_the_cursor(bus: Bus) -> None:
    await bus.counters.raise_("a", "b", "c")
    stored = await bus.stored()
    third = stored[2]
    assert (await bus.first(Cursor(third.epoch, third.position, third.id), 3))[-3:] == stored[3:]


async def test_what_is_appended_while_a_reader_follows_comes_too(bus: Bus) -> None:
    following = asyncio.create_task(bus.first(Cursor(), 8))
    for key in "abcd":
        await bus.counters.raise_(key)
    assert await following == await bus.stored()


async def test_more_events_than_a_page_holds_come_without_a_gap(bus: Bus) -> None:
    await asyncio.gather(*[bus.counters.raise_(f"key-{number}") for number in range(400)])
    assert [event.position for event in await bus.first(Cursor(), 800)] == list(range(1, 801))


async def test_who_follows_a_silent_source_still_learns_how_far_it_is(bus: Bus) -> None:
    await bus.counters.raise_("a")
    last = (await bus.stored())[-1]
    async with arrivals(bus.subscription, Cursor(last.epoch, last.position, last.id)) as coming:
        async for arrived in coming:
            assert arrived.head
            assert (list(arrived.events), arrived.head.place) == ([], "counters:1:2")
            return


async def test_reading_from_a_place_that_the_source_does_not_know_is_a_lost_branch(bus: Bus) -> None:
    await bus.counters.raise_("a")
    with pytest.raises(OutOfRange) as refused:
        await bus.source.read(Cursor(1, 1, (await bus.stored())[1].id))
    assert refused.value.code == "lost_branch"


async def test_head_and_epochs_are_those_of_the_source(bus: Bus) -> None:
    await bus.counters.raise_("a")
    head = await bus.source.head()
    assert (head.place, head.event_id) == ("counters:1:2", (await bus.stored())[-1].id)
    [epoch] = await bus.source.epochs()
    assert (epoch.epoch, epoch.first_position) == (1, 1)
    assert (await bus.source.head()).nonce == epoch.nonce


async def test_consumer_gives_each_event_one_effect_in_order(bus: Bus, make_reader: MakeReader) -> None:
    reader = await make_reader(bus.subscription, bus.source)
    async with reader.running():
        for number in range(20):
            await bus.counters.raise_(f"key-{number % 7}")
        head = await bus.source.head()
        await reader.until(head.position)
    assert await reader.positions() == list(range(1, head.position + 1))


async def test_consumer_follows_through_restarts_of_the_source(bus: Bus, make_reader: MakeReader) -> None:
    reader = await make_reader(bus.subscription, bus.source)
    async with reader.running():
        for number in range(3):
            await bus.counters.raise_(f"key-{number}")
            await reader.until(2 * number + 1)
            await bus.counters.stop()
            await bus.counters.raise_(f"meanwhile-{number}")
            await bus.counters.serve()
        head = await bus.source.head()
        await reader.until(head.position)
    assert await reader.positions() == list(range(1, 13))
