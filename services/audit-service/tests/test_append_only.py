"""The service's own role appends through the one function and can change nothing; triggers stop even the owner's slips."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from placet_audit.adapters.audit_log import PostgresAuditLog

from .conftest import Site
from .events import an_event

pytestmark = pytest.mark.postgres

# The newest entry once more, at another index and position: what only the function may do.
COPY = """
    insert into entries select {index}, logged_at, source, epoch, {position}, event_id, prev, stream, stream_version, type, schema_version,
        subject, actor, on_behalf_of, correlation, causation, traceparent, occurred_at, recorded_at, data_sha256, data
    from entries order by index desc limit 1
"""
ATTEMPTS = [
    COPY.format(index=1, position=2),
    "insert into entries_0 select * from entries",
    "update entries set actor = 'somebody else'",
    "update entries_0 set actor = 'somebody else'",
    "delete from entries",
    "delete from entries_0",
    "truncate entries",
    "truncate entries_0",
    "truncate entries cascade",
    "drop table entries",
    "drop table entries_0",
    "alter table entries detach partition entries_0",
    "alter table entries disable trigger all",
    "alter table entries_0 disable trigger all",
    "alter table entries_0 disable trigger log_stays",
    "drop trigger log_stays on entries",
    "drop trigger log_stays_whole on entries_0",
    "drop function log_entries",
    "create or replace function refuse_log_change() returns trigger language plpgsql as $$ begin return null; end $$",
    "create or replace function log_partition_width() returns bigint immutable language sql as $$ select 1::bigint $$",
    "select add_log_partition(1)",
    "set session_replication_role = replica",
    "set role placet_audit_owner",
    "alter table entries owner to placet_audit",
    "update forks set lost_position = 0",
    "delete from forks",
    "truncate forks",
    "delete from migrations",
]  # fmt: skip
BY_TRIGGER = [
    "update entries set actor = 'x'",
    "update entries_0 set actor = 'x'",
    "delete from entries",
    "delete from entries_0",
    "truncate entries",
    "truncate entries_0",
    "update forks set lost_position = 0",
    "delete from forks",
    "truncate forks",
]


@pytest.fixture
async def service(site: Site) -> AsyncIterator[asyncpg.Connection]:
    async with site.service() as connection:
        await PostgresAuditLog().append(connection, [an_event(1)])
        await connection.execute("insert into forks values (default, 'registry', 0, now(), 1, 3, 1, 2)")
        yield connection


async def kept(site: Site) -> list[tuple[object, ...]]:
    return [tuple(row) for table in ("entries", "forks") for row in await site.fetch(f"select * from {table}")]


async def test_service_role_is_refused_whatever_it_tries(service: asyncpg.Connection, site: Site) -> None:
    before = await kept(site)
    for attempt in ATTEMPTS:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(attempt)
        assert await kept(site) == before, attempt


async def test_even_the_owner_is_stopped_by_triggers(service: asyncpg.Connection, site: Site) -> None:
    before = await kept(site)
    for attempt in BY_TRIGGER:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never changed or shortened"):
            await site.fetch(attempt)
        assert await kept(site) == before, attempt


async def test_partition_that_the_log_grew_into_is_guarded_as_the_first_one(service: asyncpg.Connection, site: Site) -> None:
    async with site.superuser() as superuser:
        await superuser.execute(COPY.format(index=8388607, position=2))
    await PostgresAuditLog().append(service, [an_event(3)])
    assert [(row["index"], row["part"]) for row in (await site.entries())[1:]] == [(8388607, "entries_0"), (8388608, "entries_1")]
    for attempt in [one.replace("entries_0", "entries_1") for one in (*ATTEMPTS, *BY_TRIGGER) if "entries_0" in one]:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(attempt)
    for attempt in [one.replace("entries_0", "entries_1") for one in BY_TRIGGER if "entries_0" in one]:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never changed or shortened"):
            await site.fetch(attempt)


async def test_owner_role_cannot_log_in(service: asyncpg.Connection, site: Site) -> None:
    [row] = await site.fetch("select rolcanlogin from pg_roles where rolname = 'placet_audit_owner'")
    assert row["rolcanlogin"] is False
