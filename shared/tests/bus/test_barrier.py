"""The barrier: nothing but heads that were asked for after the request came, and marks that have reached them (rules 16, 17)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest

from placet_shared.bus.barrier import Barrier, NotPassed
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.marks import read_marks
from placet_shared.bus.ports import Arrived
from placet_shared.event_store import Epoch, Position
from placet_shared.free_ports import free_port
from placet_shared.testing import eventually

from .conftest import SCHEMA, SERVICE_TOKEN, Counters, MakeReader, Reader

pytestmark = pytest.mark.postgres

AMPLE = 30.0  # for tests in which the barrier must open, on however slow a machine


@dataclass
class Gated:
    """A feed client whose questions can be held up, one kind at a time, as by a network that swallows them."""

    feed: FeedClient
    hold_head: asyncio.Event = field(default_factory=asyncio.Event)
    hold_read: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    answered: int = 0
    name: str = SCHEMA

    def __post_init__(self) -> None:
        self.hold_head.set()
        self.hold_read.set()

    async def follow(self, after: Cursor) -> AsyncIterator[Arrived]:
        async for arrived in self.feed.follow(after):
            yield arrived

    async def read(self, after: Cursor, limit: int = 500) -> Arrived:
        await self.hold_read.wait()
        return await self.feed.read(after, limit)

    async def head(self) -> Position:
        self.asked += 1
        head = await self.feed.head()
        self.answered += 1
        await self.hold_head.wait()
        return head

    async def epochs(self) -> Sequence[Epoch]:
        return await self.feed.epochs()


@pytest.fixture
def gated(feed_client: FeedClient) -> Gated:
    return Gated(feed_client)


@pytest.fixture
async def reader(make_reader: MakeReader, gated: Gated) -> Reader:
    """Its consumer does not run: what the barrier needs it must pull itself."""
    return await make_reader(source=gated)


def barrier_of(reader: Reader, patience_seconds: float = AMPLE) -> Barrier:
    return Barrier([reader.consumer], lambda: read_marks(reader.pool), patience_seconds=patience_seconds)


async def refusal(barrier: Barrier) -> str:
    with pytest.raises(NotPassed) as refused:
        await barrier.wait()
    assert refused.value.source == SCHEMA
    return refused.value.code


async def test_everything_committed_before_has_had_its_effect_after(reader: Reader, counters: Counters) -> None:
    barrier = barrier_of(reader)
    for number in range(5):
        position = await counters.raise_(f"key-{number}")
        assert position
        heads = await barrier.wait()
        assert heads[SCHEMA] == position
        assert await reader.positions() == list(range(1, position.position + 1))


async def test_empty_source_opens_it(reader: Reader) -> None:
    assert await barrier_of(reader).wait() == {SCHEMA: Position(SCHEMA, 0, 0)}


async def test_many_at_once_each_see_what_was_committed_before_them(reader: Reader, counters: Counters) -> None:
    barrier = barrier_of(reader)

    async def act_and_ask(number: int) -> None:
        position = await counters.raise_(f"key-{number}")
        assert position
        reached = (await barrier.wait())[SCHEMA]
        assert reached.position >= position.position
        assert (await reader.mark()).position >= position.position

    await asyncio.gather(*[act_and_ask(number) for number in range(60)])


async def test_head_from_a_question_sent_before_the_request_came_is_never_used(reader: Reader, counters: Counters, gated: Gated) -> None:
    """The first question already has its answer (the old head) and is held up; then an event is committed and a second request comes."""
    await counters.raise_("before")
    barrier = barrier_of(reader)
    gated.hold_head.clear()
    first = asyncio.create_task(barrier.wait())
    await eventually(lambda: gated.answered)
    position = await counters.raise_("after")
    second = asyncio.create_task(barrier.wait())
    for _ in range(3):  # a barrier that asked at once would have been answered by now
        await gated.feed.head()
    assert (gated.asked, second.done()) == (1, False)
    gated.hold_head.set()
    assert (await first)[SCHEMA].position == 2
    assert (await second)[SCHEMA] == position
    assert gated.asked == 2


async def test_mark_that_moves_past_the_head_while_it_is_asked_for_is_no_source_that_went_back(
    reader: Reader, counters: Counters, gated: Gated
) -> None:
    """Rule 17: marks are noted before asking. The answer is on its way when the next event comes and is applied here at once."""
    await counters.raise_("before")
    barrier = barrier_of(reader)
    gated.hold_head.clear()
    asking = asyncio.create_task(barrier.wait())
    await eventually(lambda: gated.answered)
    await counters.raise_("after")
    await reader.consumer.catch_up()
    assert (await reader.mark()).position == 4
    gated.hold_head.set()
    assert (await asking)[SCHEMA].position == 2


async def test_mark_noted_before_asking_is_what_the_head_is_held_against(reader: Reader, counters: Counters, gated: Gated) -> None:
    """Rule 17: the source forgets what had arrived here before it was asked, and this service forgets its mark while it answers."""
    await counters.raise_("a", "b")
    await reader.consumer.catch_up()
    await counters.restore_backup(after=2)
    barrier = barrier_of(reader)
    gated.hold_head.clear()
    asking = asyncio.create_task(refusal(barrier))
    await eventually(lambda: gated.answered)
    await reader.pool.execute("update marks set position = 2")
    gated.hold_head.set()
    assert await asking in {"source_behind", "source_restored"}


async def test_stopped_consumer_and_hanging_feed_are_stale(reader: Reader, counters: Counters, gated: Gated) -> None:
    await counters.raise_("a")
    gated.hold_read.clear()
    assert await refusal(barrier_of(reader, 0.25)) == "stale"


async def test_source_that_hangs_is_unreachable(reader: Reader, counters: Counters, gated: Gated) -> None:
    await counters.raise_("a")
    gated.hold_head.clear()
    barrier = barrier_of(reader, 0.25)
    assert [await refusal(barrier) for _ in range(3)] == ["source_unreachable"] * 3


async def test_source_that_hung_is_asked_anew_and_opens_it(reader: Reader, counters: Counters, gated: Gated) -> None:
    """A question that hangs ends with the patience for it and holds up no later one."""
    await counters.raise_("a")
    await reader.consumer.catch_up()
    gated.hold_head.clear()
    barrier = barrier_of(reader, 1.0)
    assert await refusal(barrier) == "source_unreachable"
    gated.hold_head.set()
    assert (await barrier.wait())[SCHEMA].position == 2


async def test_source_that_is_away_is_unreachable(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a")
    await reader.consumer.catch_up()
    await counters.stop()
    assert await refusal(barrier_of(reader)) == "source_unreachable"


async def test_address_without_a_server_is_unreachable(make_reader: MakeReader) -> None:
    client = FeedClient(SCHEMA, f"http://127.0.0.1:{free_port()}", lambda: SERVICE_TOKEN)
    assert await refusal(barrier_of(await make_reader(source=client))) == "source_unreachable"
    await client.aclose()


async def test_one_source_of_two_that_is_away_keeps_it_shut(reader: Reader, make_reader: MakeReader) -> None:
    away = FeedClient("registry", f"http://127.0.0.1:{free_port()}", lambda: SERVICE_TOKEN)
    other = await make_reader(source=away)
    barrier = Barrier([reader.consumer, other.consumer], lambda: read_marks(reader.pool), patience_seconds=AMPLE)
    with pytest.raises(NotPassed) as refused:
        await barrier.wait()
    assert (refused.value.code, refused.value.source) == ("source_unreachable", "registry")
    await away.aclose()


async def test_head_below_the_noted_mark_is_a_source_that_went_back(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a", "b")
    await reader.consumer.catch_up()
    await counters.restore_backup(after=2)
    assert await refusal(barrier_of(reader)) == "source_behind"


@pytest.mark.parametrize("keys", ["w", "wx", "wxy"], ids=["below the mark", "at the mark", "above the mark"])
async def test_source_on_another_branch_was_restored(reader: Reader, counters: Counters, keys: str) -> None:
    await counters.raise_("a", "b")
    await reader.consumer.catch_up()
    await counters.restore_backup(after=1)
    await counters.raise_(*keys)
    assert await refusal(barrier_of(reader)) == "source_restored"


async def test_source_that_is_being_read_again_was_restored(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a", "b")
    await reader.consumer.catch_up()
    await counters.restore_backup(after=2)
    await counters.raise_("c", "d")
    reader.projection.broken = reader.projection.never = {"counter-d"}
    async with reader.running():
        await eventually(reader.is_rebuilding)
        assert await refusal(barrier_of(reader)) == "source_restored"
        reader.projection.broken = set()
        await eventually(reader.is_whole)
    assert (await barrier_of(reader).wait())[SCHEMA].position == 6


async def test_new_epoch_without_a_loss_is_read_on_and_opens_it(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a", "b")
    await reader.consumer.catch_up(until=4)
    await counters.restore_backup(after=4)
    last = await counters.raise_("c")
    assert last
    assert last.place == "counters:2:6"
    assert (await barrier_of(reader).wait())[SCHEMA] == last


async def test_event_that_can_neither_be_applied_nor_parked_is_stale(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a")
    reader.projection.broken = reader.projection.never = {"counter-a"}
    assert await refusal(barrier_of(reader, 0.25)) == "stale"


async def test_parked_event_opens_it_since_the_decision_reads_what_is_parked(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a")
    reader.projection.broken = {"counter-a"}
    await barrier_of(reader).wait()
    assert [position for position, _ in await reader.parked()] == [1, 2]
