"""A connection that is lost while it commits: what became of the batch is looked up under the lock, and written once (rule 13)."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from placet_shared.event_store import Answer, Committed, EventRegistry, EventStore, UnitOfWork
from placet_shared.testing import eventually

from .conftest import EVENT_REGISTRY, SCHEMA, Counter, Site, metadata, raising
from .lossy_link import LossyLink, open_link

pytestmark = pytest.mark.postgres

WITHOUT_ROWS = EventRegistry("counters", (Counter,))
STOP_WRITERS = f"lock table {SCHEMA}.events in share mode"
WAITING = "select count(*) from pg_locks where not granted"


@pytest.fixture
async def link(site: Site) -> AsyncIterator[LossyLink]:
    async with open_link(site.url) as link:
        yield link


@pytest.fixture(params=[EVENT_REGISTRY, WITHOUT_ROWS], ids=["a transaction with rows", "one statement"])
async def linked(request: pytest.FixtureRequest, link: LossyLink) -> AsyncIterator[EventStore]:
    """Either way to commit."""
    store = EventStore(link.url, SCHEMA, request.param)
    await store.start()
    yield store
    await store.close()


async def run(store: EventStore, key: str, by: int = 1) -> Committed:
    return await store.run(raising(key, by), metadata(), None, action="raise")


async def test_commit_whose_answer_was_lost_is_found_and_not_written_again(linked: EventStore, link: LossyLink, site: Site) -> None:
    """Rule 13. Resent, its streams would have moved: it would be decided again on its own effect, and be done twice."""
    link.lose_answers(1)
    committed = await run(linked, "once")
    assert link.lost == 1
    assert [(event["type"], event["version"]) for event in await site.events()] == [("CounterOpened", 1), ("CounterRaised", 2)]
    assert committed.json == {"total": 1}
    assert committed.position
    assert committed.position.position == 2


async def test_commit_that_is_lost_while_others_wait_has_one_effect_as_they_have(linked: EventStore, link: LossyLink, site: Site) -> None:
    """Rule 13, with batches of many commands on both lanes."""
    link.lose_answers(3)
    answers = await asyncio.gather(*[run(linked, f"key-{number % 50}") for number in range(150)])
    assert link.lost == 3
    raised = [event for event in await site.events() if event["type"] == "CounterRaised"]
    assert len(raised) == 150
    by_position = {event["position"]: event["stream"] for event in await site.events()}
    assert [answer.position and by_position[answer.position.position] for answer in answers] == [
        f"counter-key-{number % 50}" for number in range(150)
    ]


async def test_any_version_event_whose_answer_was_lost_is_there_once(linked: EventStore, link: LossyLink, site: Site) -> None:
    """Rule 13. No stream's version stops it from being written again."""

    async def note(uow: UnitOfWork) -> Answer:
        uow.record("CounterNoticed", stream="notice-all", subject="all", data={})
        return Answer(202, {})

    link.lose_answers(1)
    committed = await linked.run(note, metadata(), None, action="note")
    assert link.lost == 1
    assert [event["position"] for event in await site.events()] == [1]
    assert committed.position
    assert committed.position.position == 1


async def test_look_up_waits_for_the_backend_that_still_has_the_batch(link: LossyLink, site: Site) -> None:
    """Rule 13. The link is cut while the server is in the middle of the append: looked up without its lock, nothing is there yet."""
    store = EventStore(link.url, SCHEMA, WITHOUT_ROWS)
    await store.start()
    blocker = await asyncpg.connect(site.superuser_url)

    async def wait(count: int) -> bool:
        return bool(await blocker.fetchval(WAITING) == count)

    try:
        async with blocker.transaction():
            await blocker.execute(STOP_WRITERS)
            command = asyncio.create_task(run(store, "once"))
            await eventually(wait, 1)
            link.cut()
            await eventually(wait, 2)
        assert (await command).json == {"total": 1}
    finally:
        await blocker.close()
        await store.close()
    assert [(event["type"], event["version"]) for event in await site.events()] == [("CounterOpened", 1), ("CounterRaised", 2)]
