"""The log: an index without gaps whichever process writes, time that never runs backwards, partitions, and every column and byte kept."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placet_audit.adapters.audit_log import PostgresAuditLog
from placet_shared.event_store import RecordedEvent

from .conftest import Site
from .events import an_event

pytestmark = pytest.mark.postgres

LOG = PostgresAuditLog()
NARROW = """
    drop table entries_0;
    set role placet_audit_owner;
    create or replace function log_partition_width() returns bigint immutable language sql as $$ select 4::bigint $$;
    select add_log_partition(0);
"""
COLUMNS = [name for name in RecordedEvent.__struct_fields__ if name not in ("id", "version")]


def text(least: int = 0) -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=least, max_size=60)


TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
EVENTS = st.builds(
    RecordedEvent,
    source=text(1),
    epoch=st.integers(1, 2**31 - 1),
    position=st.integers(1, 2**63 - 1),
    id=st.uuids().map(str),
    prev=st.none() | st.uuids().map(str),
    stream=text(1),
    version=st.none() | st.integers(1, 2**31 - 1),
    type=text(1),
    schema_version=st.integers(1, 2**15 - 1),
    subject=text(1),
    actor=text(1),
    on_behalf_of=st.none() | text(),
    correlation=text(1),
    causation=st.none() | text(),
    traceparent=st.none() | text(),
    occurred_at=st.none() | TIMES,
    recorded_at=TIMES,
    data=st.binary(max_size=2000),
)


@pytest.fixture
async def service(site: Site) -> AsyncIterator[asyncpg.Connection]:
    async with site.service() as connection:
        yield connection


@pytest.fixture
def migrated(site: Site) -> Iterator[tuple[asyncio.Runner, Site]]:
    """For a test that is no coroutine itself."""
    with asyncio.Runner() as runner:
        yield runner, site


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, min_size=1, max_size=4))
def test_every_envelope_column_and_every_byte_is_kept(migrated: tuple[asyncio.Runner, Site], events: list[RecordedEvent]) -> None:
    runner, site = migrated
    rows = runner.run(_log_and_read(site, events))
    for event, row in zip(events, rows, strict=True):
        assert {name: _plain(row[name]) for name in COLUMNS} == {name: getattr(event, name) for name in COLUMNS}
        assert (str(row["event_id"]), row["stream_version"]) == (event.id, event.version)
        assert row["data_sha256"] == hashlib.sha256(event.data).digest()


async def _log_and_read(site: Site, events: list[RecordedEvent]) -> list[asyncpg.Record]:
    async with site.service() as connection:
        await LOG.append(connection, events)
        rows = await connection.fetch("select * from entries order by index desc limit $1", len(events))
        return list(reversed(rows))


def _plain(value: object) -> object:
    return str(value) if isinstance(value, uuid.UUID) else value


async def test_index_has_no_gaps_when_several_write_at_once(site: Site) -> None:
    async def write(source: str) -> None:
        async with site.service() as connection:
            for first in range(1, 40, 3):
                async with connection.transaction():
                    await LOG.append(connection, [an_event(first, source=source)])
                    await LOG.append(connection, [an_event(first + 1, source=source), an_event(first + 2, source=source)])

    sources = ["registry", "verification", "approval", "audit"]
    await asyncio.gather(*[write(source) for source in sources])
    entries = await site.entries()
    assert [row["index"] for row in entries] == list(range(4 * 39))
    assert [row["logged_at"] for row in entries] == sorted(row["logged_at"] for row in entries)
    for source in sources:
        assert [row["position"] for row in entries if row["source"] == source] == list(range(1, 40))


async def test_log_without_an_entry_that_was_rolled_back_has_no_gap(service: asyncpg.Connection, site: Site) -> None:
    await LOG.append(service, [an_event(1)])
    transaction = service.transaction()
    await transaction.start()
    await LOG.append(service, [an_event(2), an_event(3)])
    await transaction.rollback()
    await LOG.append(service, [an_event(2)])
    assert [(row["index"], row["position"]) for row in await site.entries()] == [(0, 1), (1, 2)]


async def test_logged_at_does_not_run_backwards_when_the_clock_does(service: asyncpg.Connection, site: Site) -> None:
    await LOG.append(service, [an_event(1)])
    async with site.superuser() as superuser:
        await superuser.execute("set session_replication_role = replica; update entries set logged_at = '2999-01-01'")
    await LOG.append(service, [an_event(2)])
    assert [row["logged_at"].year for row in await site.entries()] == [2999, 2999]


async def test_log_grows_over_partition_boundaries(service: asyncpg.Connection, site: Site) -> None:
    async with site.superuser() as superuser:
        await superuser.execute(NARROW)
    await LOG.append(service, [an_event(position) for position in range(1, 4)])
    await LOG.append(service, [an_event(position) for position in range(4, 16)])  # over three boundaries in one call
    await LOG.append(service, [an_event(16)])
    await LOG.append(service, [an_event(17)])
    entries = await site.entries()
    assert [row["index"] for row in entries] == list(range(17))
    assert [row["part"] for row in entries] == [f"entries_{index // 4}" for index in range(17)]


async def test_last_event_of_a_source_is_found_in_an_earlier_partition(service: asyncpg.Connection, site: Site) -> None:
    async with site.superuser() as superuser:
        await superuser.execute(NARROW)
    await LOG.append(service, [an_event(1, source="approval"), an_event(2, source="approval")])
    await LOG.append(service, [an_event(position, source="registry") for position in range(1, 10)])
    for source, position in (("approval", 2), ("registry", 9)):
        last = await LOG.last_of(service, source)
        assert last is not None
        assert (last.position, await LOG.highest_of(service, source)) == (position, position)
        assert await LOG.all_at(service, source, position) == [last]
    for unknown in ("a", "audit", "z"):
        assert (await LOG.last_of(service, unknown), await LOG.highest_of(service, unknown)) == (None, 0)


async def test_log_grows_while_it_is_read(service: asyncpg.Connection, site: Site) -> None:
    """A new partition waits for no reader: one that asks as of now waits for the writer itself."""
    async with site.superuser() as superuser:
        await superuser.execute(NARROW)
    await LOG.append(service, [an_event(position) for position in range(1, 5)])
    async with site.service() as reader, reader.transaction():
        assert await reader.fetchval("select count(*) from entries") == 4
        await service.execute("set lock_timeout = '1s'")
        await LOG.append(service, [an_event(5)])
    assert [row["part"] for row in await site.entries()][-1] == "entries_1"


async def test_temporary_table_does_not_stand_in_for_a_partition(service: asyncpg.Connection, site: Site) -> None:
    async with site.superuser() as superuser:
        await superuser.execute(NARROW)
    await service.execute("create temporary table entries_1 (index bigint)")
    await LOG.append(service, [an_event(position) for position in range(1, 6)])
    assert [row["part"] for row in await site.entries()][-1] == "entries_1"
