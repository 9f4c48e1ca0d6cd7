"""What one batch leaves in the table when some of its commands are refused (rules 5, 10), and who waits for a batch under way (7)."""

import asyncio
from collections.abc import AsyncIterator
from itertools import product

import asyncpg
import pytest

from placet_shared.event_store import Answer, Append, EventStore, RequestKey, UnitOfWork
from placet_shared.event_store.appending import append_batch
from placet_shared.event_store.records import AppendResult, NewEvent
from placet_shared.identifiers import new_id
from placet_shared.postgres import connect
from placet_shared.testing import eventually

from .conftest import EVENT_REGISTRY, SCHEMA, UNPROJECTABLE, UNSENDABLE, Site, metadata, raising

pytestmark = pytest.mark.postgres

STOP_WRITERS = f"lock table {SCHEMA}.events in share mode"
WAITING = "select count(*) from pg_locks where not granted"
OBJECT = """
    create function object() returns trigger language plpgsql as $$
    begin
        if new.total = 1515 then raise exception 'fifteen is out of the question'; end if;
        return new;
    end $$;
    create trigger object before insert or update on counters for each row execute function object();
"""
FROM_THE_FUTURE = """
    alter table events disable trigger user;
    update events set recorded_at = recorded_at + interval '1 hour';
    alter table events enable trigger user;
"""


def noticed(number: int, *, conflicting: bool, events: int = 2, key: str | None = None) -> Append:
    """A command of `events` events; a conflicting one relies on a stream that is not there."""
    return Append(
        metadata(f"person-{number}"),
        [NewEvent(new_id(), f"notice-{number}", None, "CounterNoticed", 1, "all", b"{}") for _ in range(events)],
        checks={f"counter-absent-{number}": 7 if conflicting else 0},
        request_key=RequestKey(key, b"h" * 32) if key else None,
    )


def opening(key: str, version: int = 0) -> Append:
    """A command that takes a counter's stream from a version to the next, without a decision."""
    event = NewEvent(new_id(), f"counter-{key}", version + 1, "CounterNoticed", 1, key, b"{}")
    return Append(metadata(), [event], expected={f"counter-{key}": version})


@pytest.fixture
async def connection(site: Site) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(site.url, SCHEMA)
    yield connection
    await connection.close()


async def in_one_order(site: Site) -> dict[str, int]:
    """Event → position, after a look at the whole chain."""
    events = await site.events()
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    assert [event["prev"] for event in events] == [None, *[event["id"] for event in events]][: len(events)]
    return {str(event["id"]): event["position"] for event in events}


async def test_commands_that_conflict_leave_no_hole_wherever_they_stand_in_the_batch(connection: asyncpg.Connection, site: Site) -> None:
    """Rule 5: positions go on without a gap past the commands that were refused, and every answer names its own events."""
    for conflicts in product([True, False], repeat=3):
        batch = [noticed(number, conflicting=conflicting) for number, conflicting in enumerate(conflicts)]
        results = await append_batch(connection, EVENT_REGISTRY, batch)
        at = await in_one_order(site)
        for append, result, conflicting in zip(batch, results, conflicts, strict=True):
            assert result.outcome == ("conflict" if conflicting else "appended")
            if conflicting:
                assert at.keys().isdisjoint(event.id for event in append.events)
            else:
                assert (result.first_position, result.last_position) == (at[append.events[0].id], at[append.events[-1].id])


async def test_command_that_conflicts_stores_no_answer(connection: asyncpg.Connection, site: Site) -> None:
    """Rule 14: an answer under a key says that something was written."""
    batch = [noticed(1, conflicting=True, key="order-1"), noticed(2, conflicting=False, key="order-2")]
    await append_batch(connection, EVENT_REGISTRY, batch)
    assert [row["key"] for row in await site.fetch("select key from answers")] == ["order-2"]


async def test_key_of_another_actor_in_the_table_does_not_answer_a_command_of_the_batch(connection: asyncpg.Connection, site: Site) -> None:
    """Rule 14, under the lock."""
    await append_batch(connection, EVENT_REGISTRY, [noticed(1, conflicting=False, key="order-1")])
    second = noticed(2, conflicting=False, key="order-1")
    (result,) = await append_batch(connection, EVENT_REGISTRY, [second])
    assert result.outcome == "appended"
    assert second.events[0].id in await in_one_order(site)


async def test_row_that_can_not_be_sent_concerns_its_own_command_alone(store: EventStore, site: Site) -> None:
    """Among others that fail for other reasons; the driver refuses the row before the server sees it."""

    async def oversized(uow: UnitOfWork) -> Answer:
        uow.record("CounterNoticed", stream="n" * 301, subject="all", data={})
        return Answer(202, {})

    handlers = [raising(f"good-{number}") for number in range(10)]
    handlers[4:4] = [oversized, raising("unlucky", by=UNPROJECTABLE), raising("unsendable", by=UNSENDABLE)]
    commands = [store.run(handler, metadata(), None, action="raise") for handler in handlers]
    results = await asyncio.gather(*commands, return_exceptions=True)
    assert [number for number, result in enumerate(results) if isinstance(result, Exception)] == [4, 5, 6]
    assert len(await site.fetch("select from counters")) == 10
    assert len(await in_one_order(site)) == 20


async def test_exception_raised_by_a_trigger_concerns_its_own_command_alone(store: EventStore, site: Site) -> None:
    """Rule 10: P0001 is replayed one by one like the classes 22 and 23."""
    await site.execute(OBJECT)
    commands = [store.run(raising(f"good-{number}"), metadata(), None, action="raise") for number in range(8)]
    commands[3:3] = [store.run(raising("objectionable", by=1515), metadata(), None, action="raise")]
    results = await asyncio.gather(*commands, return_exceptions=True)
    failed = {number: result for number, result in enumerate(results) if isinstance(result, BaseException)}
    assert list(failed) == [3]
    assert isinstance(failed[3], asyncpg.RaiseError)
    assert len(await in_one_order(site)) == 16


async def test_time_of_an_event_is_never_before_that_of_the_last_one(store: EventStore, site: Site) -> None:
    """Rule 5: after a server whose clock was ahead, `recorded_at` stands still until the clock has caught up."""
    await store.run(raising("a"), metadata(), None, action="raise")
    await site.execute(FROM_THE_FUTURE)
    latest = (await site.events())[-1]["recorded_at"]
    await store.run(raising("b"), metadata(), None, action="raise")
    await store.run(raising("a"), metadata(), None, action="raise")
    times = [event["recorded_at"] for event in await site.events()]
    assert times[2:] == [latest] * 3
    assert times == sorted(times)


async def test_command_on_a_stream_of_the_batch_under_way_waits_for_its_end(store: EventStore, site: Site) -> None:
    """Rule 7: the next batch is planned around the one under way, whose commands no other may overtake."""
    blocker = await asyncpg.connect(site.superuser_url)

    async def wait(count: int) -> bool:
        return bool(await blocker.fetchval(WAITING) == count)

    async def written(*appends: Append) -> list[AppendResult]:
        return await asyncio.gather(*[store.writer.append(append) for append in appends])

    try:
        async with blocker.transaction():
            await blocker.execute(STOP_WRITERS)
            first = asyncio.create_task(written(opening("shared")))
            await eventually(wait, 1)
            rest = asyncio.create_task(written(opening("shared", version=1), opening("other")))
            await eventually(wait, 2)
            assert store.writer.waiting == 1, "the other stream's command goes beside the batch under way, this one waits"
        results = [*await first, *await rest]
    finally:
        await blocker.close()
    assert [result.outcome for result in results] == ["appended"] * 3
    assert [event["stream"] for event in await site.events()] == ["counter-shared", "counter-other", "counter-shared"]
