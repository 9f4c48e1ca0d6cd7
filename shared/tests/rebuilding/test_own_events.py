"""A read model built anew from the service's own events is the one that was written with them, whatever is appended meanwhile."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from placet_shared.aggregates import Aggregate, Created
from placet_shared.event_store import EventRegistry, EventStore, Part, RecordedEvent, Statement, projection_of
from placet_shared.rebuilding import OwnEvents
from placet_shared.rebuilding.rebuild import Rebuilding
from placet_shared.testing import eventually

from .conftest import EVENT_REGISTRY, SCHEMA, TOTALS, Counter, Site, anew, as_superuser, metadata, raising

pytestmark = pytest.mark.postgres

ROWS = "select id, total, position from counters order by id"
TABLES = "select relname from pg_class where relname ~ '^counters_g[0-9]+$' and relkind = 'r' order by 1"


# Two ways of writing a row that commute with those of other streams, but not with one another.
RAISE_ODD = "update counters set total = $2, position = $3 where id = $1"
RAISE_EVEN = f"{RAISE_ODD} -- even"
OPEN = "insert into counters values ($1, $2, $3)"


def odd_and_even(event: RecordedEvent) -> Iterable[Statement]:
    total = event.fields["total"]
    sql = OPEN if event.type == "CounterOpened" else RAISE_ODD if total % 2 else RAISE_EVEN
    yield Statement(sql, (event.stream, total, event.position))


class Whale(Aggregate):
    TOPIC = "Whale"
    CATEGORY = "whale"

    class WhaleSeen(Created):
        TOPIC = "WhaleSeen"
        SCHEMA_VERSION = 3
        sea: str
        metres: int

        def apply(self, aggregate: "Whale") -> None:
            """Nothing follows from it."""


WHALES = EventRegistry(
    "whales",
    (Whale,),
    upcasters={
        ("WhaleSeen", 1): lambda values: {**values, "sea": "unknown"},
        ("WhaleSeen", 2): lambda values: {"sea": values["sea"], "metres": values["centimetres"] // 100},
    },
)


async def raise_many(store: EventStore, *keys: str) -> None:
    await asyncio.gather(*[store.run(raising(key), metadata(), None, action="raise") for key in keys])


async def rows_of(site: Site) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await site.fetch(ROWS)]


async def tables_of(site: Site) -> list[str]:
    return [row["relname"] for row in await site.fetch(TABLES)]


def totals() -> OwnEvents:
    return OwnEvents(EVENT_REGISTRY, TOTALS)


async def test_rows_built_anew_are_the_rows_that_were(generations: Site) -> None:
    store = await generations.store()
    for _ in range(3):
        await raise_many(store, "a", "b", "c", "d")
    before = await rows_of(generations)
    assert await anew(generations.superuser_url, SCHEMA, totals()) == {"counters": 16}
    assert await rows_of(generations) == before
    assert await tables_of(generations) == ["counters_g2"]


async def test_events_of_a_stream_are_replayed_in_order_though_their_statements_commute_with_those_of_others(generations: Site) -> None:
    part = Part(["counters"], {"CounterOpened": odd_and_even, "CounterRaised": odd_and_even})
    event_registry = EventRegistry("counters", (Counter,), projection_of(part), commuting=(OPEN, RAISE_ODD, RAISE_EVEN))
    store = await generations.store(event_registry)
    for _ in range(3):
        await raise_many(store, "a", "b")
    before = await rows_of(generations)
    assert [total for _, total, _ in before] == [3, 3]
    await anew(generations.superuser_url, SCHEMA, OwnEvents(event_registry, part))
    assert await rows_of(generations) == before


async def test_store_without_events_can_be_rebuilt(generations: Site) -> None:
    assert await anew(generations.superuser_url, SCHEMA, totals()) == {"counters": 0}
    await raise_many(await generations.store(), "a")
    assert [(one, total) for one, total, _ in await rows_of(generations)] == [("counter-a", 1)]


async def test_what_was_wrong_in_the_rows_is_right_afterwards(generations: Site) -> None:
    await raise_many(await generations.store(), "a", "b")
    before = await rows_of(generations)
    await generations.fetch("update counters set total = 99")
    await generations.fetch("delete from counters where id = 'counter-a'")
    await anew(generations.superuser_url, SCHEMA, totals())
    assert await rows_of(generations) == before


async def test_commands_of_two_processes_go_on_while_rows_are_built_anew(generations: Site) -> None:
    stores = [await generations.store(), await generations.store()]
    enough = asyncio.Event()

    async def writing(store: EventStore, key: str) -> int:
        raised = 0
        while not enough.is_set():
            await raise_many(store, key, f"{key}{raised % 3}")
            raised += 1
        return raised

    work = [asyncio.create_task(writing(store, key)) for store, key in zip(stores, ("a", "b"), strict=True)]
    for _ in range(3):
        await anew(generations.superuser_url, SCHEMA, totals())
    enough.set()
    a, b = await asyncio.gather(*work)
    totals_now = {one: total for one, total, _ in await rows_of(generations)}
    assert (totals_now["counter-a"], totals_now["counter-b"], sum(totals_now.values())) == (a, b, 2 * (a + b))
    assert await tables_of(generations) == ["counters_g4"]


async def test_commands_go_on_while_a_reader_holds_up_the_swap(generations: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    store = await generations.store()
    await raise_many(store, "a")
    async with as_superuser(generations.superuser_url, SCHEMA) as reader:
        transaction = reader.transaction()
        await transaction.start()
        await reader.fetch(ROWS)
        rebuilding = asyncio.create_task(anew(generations.superuser_url, SCHEMA, totals()))

        async def is_built() -> bool:
            return len(await tables_of(generations)) == 2

        await eventually(is_built)
        for _ in range(5):
            await raise_many(store, "a", "b")
        with pytest.raises(Rebuilding):
            await anew(generations.superuser_url, SCHEMA, totals())
        holder = f"is read or written by placet (pid {reader.get_server_pid()})"
        await eventually(lambda: holder in caplog.text)
        assert not rebuilding.done()
        await transaction.rollback()
    await rebuilding
    assert [(one, total) for one, total, _ in await rows_of(generations)] == [("counter-a", 6), ("counter-b", 5)]


@pytest.mark.parametrize(
    ("schema", "data", "fields"),
    [
        (1, b'{"centimetres":1200}', {"sea": "unknown", "metres": 12}),
        (2, b'{"sea":"north","centimetres":1200}', {"sea": "north", "metres": 12}),
        (3, b'{"sea":"north","metres":12}', {"sea": "north", "metres": 12}),
    ],
)
def test_event_of_an_older_schema_version_is_replayed_as_the_newest(schema: int, data: bytes, fields: dict[str, Any]) -> None:
    newest = WHALES.newest(seen("WhaleSeen", schema, data))
    assert (newest.schema_version, newest.fields) == (3, fields)


def test_event_of_no_aggregate_is_replayed_as_it_is() -> None:
    refused = seen("ActionRefused", 1, b'{"code":"no"}')
    assert WHALES.newest(refused) is refused


def seen(type_: str, schema: int, data: bytes) -> RecordedEvent:
    return RecordedEvent(
        source="whales", epoch=1, position=1, id="0" * 32, prev=None, stream="whale-1", version=1, type=type_, schema_version=schema,
        subject="whale-1", actor="somebody", on_behalf_of=None, correlation="c", causation=None, traceparent=None, occurred_at=None,
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC), data=data,
    )  # fmt: skip
