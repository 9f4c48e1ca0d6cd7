"""A real copy of a PostgreSQL data folder takes the original's place: the same identifier and timeline, the same numbers, other events."""

import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from placet.embedded import Cluster, DataFolder, open_cluster
from placet_shared.bus.barrier import Barrier, NotPassed
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.marks import read_marks
from placet_shared.testing import eventually, open_source, traversable_folder

from ..event_store.conftest import EVENT_REGISTRY, prepared
from .conftest import CALLERS, SCHEMA, SERVICE_TOKEN, Counters, MakeReader, Reader, Site

pytestmark = pytest.mark.postgres

AMPLE = 30.0
WHICH = "select (pg_control_system()).system_identifier::text || ' ' || left(pg_walfile_name(pg_current_wal_lsn()), 8)"


@pytest.fixture
def folders() -> Iterator[Path]:
    with traversable_folder() as folder:
        yield folder


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Cluster]:
    """A server of this test alone."""
    cluster = open_cluster(DataFolder(folder))
    await cluster.create()
    await cluster.start()
    await cluster.ready()
    try:
        yield cluster
    finally:
        await cluster.stop()
        shutil.rmtree(cluster.sockets)


@asynccontextmanager
async def serving(folder: Path, port: int) -> AsyncIterator[tuple[Counters, str]]:
    """The source on a data folder, at an address that stays; and what tells a server from another one, or does not."""
    async with running(folder) as cluster, AsyncExitStack() as stack:
        site = Site(cluster.url("postgres"), SCHEMA, stack)
        if port == 0:
            await prepared(site.superuser_url)
        counters = await stack.enter_async_context(open_source(Counters, site, CALLERS, EVENT_REGISTRY, port=port))
        [which] = await site.fetch(WHICH)
        yield counters, which[0]


async def test_copy_that_goes_on_by_as_many_events_is_denied_and_read_again(make_reader: MakeReader, folders: Path) -> None:
    original, copy = folders / "original", folders / "copy"
    client = None
    async with serving(original, 0) as (counters, first):
        port = counters.port
        client = FeedClient(SCHEMA, counters.url, lambda: SERVICE_TOKEN, long_poll_seconds=0.2)
        reader = await make_reader(source=client)
        barrier = Barrier([reader.consumer], lambda: read_marks(reader.pool), patience_seconds=AMPLE)
        await counters.raise_("a")
    subprocess.run(["cp", "-a", original, copy], check=True)  # noqa: ASYNC221

    async with serving(original, port) as (counters, _):
        lost = await counters.raise_("b")
        assert (await barrier.wait())[SCHEMA] == lost
        mark = await reader.mark()

    async with serving(copy, port) as (counters, which):
        assert which == first, "neither identifier nor timeline tells"
        head = await counters.raise_("c")
        assert head
        assert (head.epoch, head.position) == (mark.epoch, mark.position), "nor do the numbers"
        with pytest.raises(NotPassed) as refused:
            await barrier.wait()
        assert refused.value.code == "source_restored"
        async with reader.running():
            await eventually(has_read, reader, [row["id"] for row in await counters.site.events()])
        assert (await barrier.wait())[SCHEMA] == head
    await client.aclose()


async def has_read(reader: Reader, told: list[object]) -> bool:
    rows = await reader.pool.fetch("select event_id from effects order by position")
    return [row["event_id"] for row in rows] == told and not await reader.is_rebuilding()
