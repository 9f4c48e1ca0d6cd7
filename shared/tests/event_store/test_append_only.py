"""The service's own role can append through the function and do nothing else to events; triggers guard against the owner's slips."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from placet_shared.event_store import EventStore
from placet_shared.event_store.opening import open_store
from placet_shared.postgres import Migrations, connect, refuse_owner
from placet_shared.testing import as_role

from .conftest import EVENT_REGISTRY, SCHEMA, Site, metadata, raising

pytestmark = pytest.mark.postgres

MEMBER, BETWEEN = "placet_member", "placet_between"
AS_THE_SERVICE = f"""
    create role {MEMBER} login password 'secret';
    grant usage on schema {SCHEMA} to {MEMBER};
    grant select on all tables in schema {SCHEMA} to {MEMBER};
"""

ATTEMPTS = [
    "insert into events select position + 1, epoch, gen_random_uuid(), id, 'x', null, type, 1, 's', 'a', null, 'c', null, null, null,"
    " now(), data from events limit 1",
    "update events set actor = 'somebody else'",
    "delete from events",
    "truncate events",
    "truncate events cascade",
    "alter table events disable trigger all",
    "alter table events disable trigger events_stay",
    "drop trigger events_stay on events",
    "drop table events",
    "drop function append",
    "create or replace function refuse_change() returns trigger language plpgsql as $$ begin return null; end $$",
    "set session_replication_role = replica",
    "set role placet_counters_owner",
    "alter table events owner to placet_counters",
    "update epochs set first_position = 0",
    "update store set epoch = 7",
    "delete from migrations",
]  # fmt: skip


@pytest.fixture
async def service(site: Site, store: EventStore) -> AsyncIterator[asyncpg.Connection]:
    await store.run(raising("kept"), metadata(), None, action="raise")
    connection = await connect(site.url, SCHEMA)
    yield connection
    await connection.close()


@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_service_role_is_refused(service: asyncpg.Connection, site: Site, attempt: str) -> None:
    before = [tuple(row) for row in await site.events()]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute(attempt)
    assert [tuple(row) for row in await site.events()] == before


@pytest.mark.parametrize("attempt", ["update events set actor = 'x'", "delete from events", "truncate events"])
async def test_even_the_owner_is_stopped_by_triggers(service: asyncpg.Connection, site: Site, attempt: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never changed or removed"):
        await site.fetch(attempt)


async def test_owner_role_cannot_log_in(service: asyncpg.Connection, site: Site) -> None:
    rows = await site.fetch("select rolcanlogin from pg_roles where rolname = 'placet_counters_owner'")
    assert [row["rolcanlogin"] for row in rows] == [False]


async def test_service_refuses_a_role_that_could_rewrite_history(service: asyncpg.Connection, site: Site) -> None:
    await refuse_owner(service)
    superuser = await connect(site.superuser_url, SCHEMA)
    try:
        with pytest.raises(RuntimeError, match="could rewrite history"):
            await refuse_owner(superuser)
    finally:
        await superuser.close()


@pytest.mark.parametrize(
    "grant",
    [
        f"grant placet_{SCHEMA}_owner to {MEMBER}",
        f"alter role {MEMBER} noinherit; grant placet_{SCHEMA}_owner to {MEMBER}",
        f"create role {BETWEEN}; grant placet_{SCHEMA}_owner to {BETWEEN}; grant {BETWEEN} to {MEMBER}",
    ],
    ids=["granted", "granted but not inherited", "granted by way of another role"],
)
async def test_service_refuses_to_run_as_a_member_of_the_owners_role(site: Site, grant: str) -> None:
    """Rule 26: who is granted the owner's role can become the owner, and rewrite history, without being it."""
    await site.execute(AS_THE_SERVICE)
    await site.execute(grant)
    try:
        with pytest.raises(RuntimeError, match="could rewrite history"):
            async with open_store(as_role(site.superuser_url, MEMBER), SCHEMA, EVENT_REGISTRY, Migrations("placet_shared.event_store")):
                pass
    finally:
        await site.execute(f"drop owned by {MEMBER}; drop role {MEMBER}; drop role if exists {BETWEEN}")


async def test_store_opens_for_the_services_own_role(site: Site) -> None:
    """What the refusals above are worth."""
    async with open_store(site.url, SCHEMA, EVENT_REGISTRY, Migrations("placet_shared.event_store")) as store:
        await store.run(raising("kept"), metadata(), None, action="raise")


async def test_stores_of_two_schemas_do_not_wait_for_each_other(site: Site, service: asyncpg.Connection) -> None:
    """Lock keys derive from the schema (rule 12)."""
    mine = await service.fetchval("select append_lock()")
    other = await site.fetch("select hashtextextended('placet append other', 0) as key")
    assert mine != other[0]["key"]
    assert await service.fetchval("select append_channel()") == "placet_counters"
