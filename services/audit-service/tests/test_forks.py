"""A source that was restored from a copy of its data folder: the log finds the last event that both branches have, and doubles nothing."""

import uuid
from collections.abc import Sequence

import asyncpg
import pytest

from placet_shared.testing import eventually

from .conftest import Audit
from .test_ingest import logged, tagged, until_there_are

pytestmark = pytest.mark.postgres

KEEP = """
    create table public.{name}_events as select * from registry.events;
    create table public.{name}_epochs as select * from registry.epochs;
"""
PUT_BACK = """
    begin;
    set local session_replication_role = replica;
    delete from registry.events;
    insert into registry.events select * from public.{name}_events;
    delete from registry.epochs;
    insert into registry.epochs select * from public.{name}_epochs;
    update registry.store set epoch = (select max(epoch) from registry.epochs), started_at = '{start}';
    commit;
"""


async def keep(audit: Audit, name: str) -> None:
    """A copy of the registry's data."""
    async with audit.site.superuser() as superuser:
        await superuser.execute(KEEP.format(name=name))


async def put_back(audit: Audit, name: str) -> None:
    """It goes on from a copy, whose server has the identifier and the timeline of the original and was started later."""
    async with audit.site.superuser() as superuser:
        await superuser.execute(PUT_BACK.format(name=name, start=uuid.uuid4()))


async def start_anew(audit: Audit) -> None:
    async with audit.site.superuser() as superuser:
        await superuser.execute(f"update registry.store set started_at = '{uuid.uuid4()}'")


async def happen(audit: Audit, *numbers: int) -> Sequence[asyncpg.Record]:
    """Recorded, and in the log; gives what the source has then."""
    await audit.registry.record(*[tagged(number) for number in numbers])
    told = await audit.registry.events()
    await until_logged_up_to(audit, told[-1])
    return told


async def until_logged_up_to(audit: Audit, event: asyncpg.Record) -> None:
    async def is_marked() -> bool:
        marks = await audit.site.fetch("select * from marks where source = 'registry'")
        return any(mark["event_id"] == event["id"] and mark["position"] >= mark["rebuild_until"] for mark in marks)

    await eventually(is_marked)


async def ids(audit: Audit) -> list[object]:
    return [row["event_id"] for row in await logged(audit.site, "registry")]


@pytest.mark.parametrize("kept", [1, 2, 7, 30, 31])
async def test_copy_that_went_on_as_far_is_logged_from_the_last_common_event_on(audit: Audit, kept: int) -> None:
    await happen(audit, *range(kept))
    await keep(audit, "copy")
    lost = await happen(audit, *range(kept, 40))
    await put_back(audit, "copy")
    told = await happen(audit, *range(100, 140 - kept))
    assert [row["position"] for row in told] == [row["position"] for row in lost], "the positions do not tell"
    assert await ids(audit) == [row["id"] for row in (*lost, *told[kept:])]
    [fork] = await audit.site.fetch("select * from forks")
    assert (fork["kept_position"], fork["kept_id"]) == (kept, told[kept - 1]["id"])
    assert (fork["lost_position"], fork["lost_id"]) == (40, lost[-1]["id"])


async def test_fork_in_the_middle_of_an_epoch_is_found(audit: Audit) -> None:
    """Copies of a running machine's memory keep even the time at which the server was started: no epoch tells of the fork."""
    await happen(audit, *range(10))
    await keep(audit, "copy")
    lost = await happen(audit, *range(10, 16))
    async with audit.site.superuser() as superuser:
        started = await superuser.fetchval("select started_at from registry.store")
        await superuser.execute(PUT_BACK.format(name="copy", start=started))
    told = await happen(audit, *range(100, 106))
    assert {row["epoch"] for row in told} == {1}
    assert await ids(audit) == [row["id"] for row in (*lost, *told[10:])]
    assert [row["kept_position"] for row in await audit.site.fetch("select * from forks")] == [10]


async def test_return_to_a_branch_that_was_lost_is_read_on_from_its_end(audit: Audit) -> None:
    await happen(audit, 1, 2, 3)
    await keep(audit, "early")
    first = await happen(audit, 4, 5)
    await keep(audit, "late")
    await happen(audit, 6)
    await put_back(audit, "early")
    await happen(audit, 10, 11, 12, 13)
    before = await ids(audit)
    await put_back(audit, "late")
    told = await happen(audit, 20, 21)
    assert await ids(audit) == [*before, *[row["id"] for row in told[5:]]]
    assert [(row["kept_position"], row["kept_id"]) for row in await audit.site.fetch("select * from forks order by number")] == [
        (3, first[2]["id"]),
        (5, first[4]["id"]),
    ]


async def test_what_a_source_lost_is_told_once_and_in_order(audit: Audit) -> None:
    await happen(audit, 1, 2)
    assert (await audit.get("/v1/sources/registry/lost"))["items"] == []
    await keep(audit, "copy")
    first = await happen(audit, 3, 4)
    await put_back(audit, "copy")
    second = await happen(audit, 5)
    await put_back(audit, "copy")
    await happen(audit, 6)
    items = (await audit.get("/v1/sources/registry/lost"))["items"]
    assert [item["event"]["id"] for item in items] == [str(row["id"]) for row in (*first[2:], second[2])]
    [page] = (await audit.get("/v1/sources/registry/lost", after=items[0]["index"], limit=1))["items"]
    assert page == items[1]
    assert page["data_bytes"].encode() == first[3]["data"]
    assert (await audit.get("/v1/sources/approval/lost"))["items"] == []


async def test_branch_that_was_left_for_an_earlier_one_is_told_as_lost_from_its_beginning(audit: Audit) -> None:
    await happen(audit, 1, 2, 3)
    await keep(audit, "early")
    await happen(audit, 4, 5)
    await keep(audit, "late")
    first = await happen(audit, 6)
    await put_back(audit, "early")
    second = await happen(audit, 10, 11, 12, 13)
    await put_back(audit, "late")
    await happen(audit, 20)
    items = (await audit.get("/v1/sources/registry/lost"))["items"]
    assert [item["event"]["id"] for item in items] == [str(row["id"]) for row in (*first[3:], *second[3:])]


async def test_start_of_a_source_is_no_fork(audit: Audit) -> None:
    await happen(audit, 1, 2)
    await start_anew(audit)
    told = await happen(audit, 3)
    await start_anew(audit)
    told = await happen(audit, 4)
    assert [row["epoch"] for row in told] == [1, 1, 2, 3]
    assert await ids(audit) == [row["id"] for row in told]
    assert await audit.site.fetch("select * from forks") == []


async def test_forks_are_told_with_the_events_they_lie_between(audit: Audit) -> None:
    await happen(audit, 1, 2)
    await keep(audit, "copy")
    lost = await happen(audit, 3)
    await put_back(audit, "copy")
    told = await happen(audit, 4)
    await until_there_are(4, audit.site)
    [fork] = (await audit.get("/v1/sources"))["forks"]
    assert (fork["lost_event_id"], fork["kept_event_id"]) == (str(lost[-1]["id"]), str(told[1]["id"]))
