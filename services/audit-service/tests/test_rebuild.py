"""The views built anew are the views that were built day by day, row by row; who reads and writes meanwhile does not notice."""

import asyncio
import contextlib
import os
import random
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg
import orjson
import pytest

from forking import ForkedProgram, fork_program
from placet_audit.adapters.audit_log import PostgresAuditLog
from placet_audit.projections.projector import Projector
from placet_audit.projections.rebuilding import LogReplay, all_but_the_timeline, all_views
from placet_shared.event_store import RecordedEvent
from placet_shared.postgres.connections import open_pool
from placet_shared.rebuilding import rebuild
from placet_shared.rebuilding.rebuild import Rebuilding
from placet_shared.testing import eventually

from .conftest import SCHEMA, Site
from .events import an_event

pytestmark = pytest.mark.postgres

TABLES = all_views().tables
WITHIN = 120.0
UNHURRIED = "set idle_in_transaction_session_timeout = 0"
FAR_OFF = "2999-01-01T00:00:00.000000Z"
GENERATIONS = """
    select relname from pg_class
    where relnamespace = 'audit'::regnamespace and relkind = 'r' and regexp_replace(relname, '_g[0-9]+$', '') = any ($1::text[]) order by 1
"""
UNRULY = [
    ("ModelRegistered", {"model_id": ["no", "id"], "name": "x"}),
    ("ModelRegistered", {"model_id": "nul\0", "name": "x"}),
    ("VersionRegistered", {"version_id": "v", "model_id": "m", "number": "one", "artifact": {"sha256": "x"}}),
    ("VersionRegistered", {"version_id": "v"}),
    ("DeploymentEnded", {}),
    ("SignOffApproved", {"sign_off_id": "s", "expires_at": "never"}),
]


def story(length: int, first: int = 1, seed: int = 4) -> list[RecordedEvent]:
    """Acts on a few models in any order: ends before beginnings, twice the same, refusals about models that are not known yet."""
    chance = random.Random(f"{seed} {first}")
    return [one_act(position, chance) for position in range(first, first + length)]


def one_act(position: int, chance: random.Random) -> RecordedEvent:
    model, number = f"model-{chance.randrange(4)}", chance.randrange(3)
    names = {"model_id": model, "version_id": f"{model}-{number}", "environment": chance.choice(["test", "prod"])}
    sign_off = {**names, "sign_off_id": f"sign-off-{chance.randrange(6)}", "person_id": chance.choice(["bob", "carol"]), "role": "reviewer"}
    deployment = {**names, "deployment_id": f"deployment-{chance.randrange(12)}", "sha256": "d" * 64}
    acts = {
        "ModelRegistered": {"model_id": model, "name": f"name of {model}"},
        "VersionRegistered": {**names, "number": number, "artifact": {"sha256": "a" * 64}},
        "DeploymentReported": deployment,
        "DeploymentEnded": deployment,
        "ApprovalGranted": sign_off,
        "ApprovalRevoked": sign_off,
        "SignOffApproved": {**sign_off, "artifact_sha256": "a" * 64, "expires_at": FAR_OFF},
        "SignOffRevoked": sign_off,
        "SignOffInvalidated": sign_off,
        "PolicyDefined": {**names, "version": number + 1, "content": {"signatures": [{"count": 1}] * number}},
        "ActionRefused": {"action": "register_version", "code": "not_now"},
        "NobodyKnows": {"words": ["what", "it", "means"]},
    }
    type_ = chance.choice(list(acts))
    return an_event(position, type=type_, data=orjson.dumps(acts[type_]), subject=model, actor=chance.choice(["alice", "ci"]))


class Log:
    """The log as others write it, and the views as the service builds them."""

    def __init__(self, site: Site, pool: asyncpg.Pool) -> None:
        self.site = site
        self.pool = pool

    async def append(self, events: list[RecordedEvent]) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            await PostgresAuditLog().append(connection, events)

    async def project(self, projector: Projector | None = None) -> None:
        projector = projector or Projector(self.pool)
        while await projector.project_some():
            pass

    async def rebuild(self, replay: LogReplay | None = None) -> int:
        """Up to which index."""
        async with asyncio.timeout(WITHIN):
            reached = await rebuild(self.site.superuser_url, SCHEMA, replay or all_views(), lambda done, of: None)
        return reached["log"].position

    async def rows(self) -> Mapping[str, list[str]]:
        """Every row of every view, as text."""
        return {table: sorted(row[0] for row in await self.site.fetch(f"select t::text from {table} t")) for table in TABLES}

    async def generations(self) -> list[str]:
        return [row["relname"] for row in await self.site.fetch(GENERATIONS, list(TABLES))]

    async def has_two_generations(self) -> bool:
        return len(await self.generations()) == 2 * len(TABLES)

    async def no_process_rebuilds(self) -> bool:
        """The server notices that a session's process is gone a moment after we do."""
        return not await self.site.fetch("select 1 from pg_stat_activity where application_name = 'placet rebuild'")


@pytest.fixture
async def log(site: Site) -> AsyncIterator[Log]:
    pool = await open_pool(site.url, SCHEMA)
    yield Log(site, pool)
    await pool.close()


@pytest.mark.parametrize("in_memory", [True, False])
async def test_rebuilt_rows_are_the_rows_that_were(log: Log, in_memory: bool) -> None:
    await log.append(story(600))
    await log.project()
    before = await log.rows()
    assert all(before.values())
    assert await log.rebuild(all_views(in_memory=in_memory)) == 599
    assert await log.rows() == before
    assert await log.generations() == sorted(f"{table}_g2" for table in TABLES)


@pytest.mark.parametrize("in_memory", [True, False])
async def test_part_of_the_views_is_rebuilt_without_the_others(log: Log, in_memory: bool) -> None:
    await log.append(story(300))
    await log.project()
    before = await log.rows()
    await log.rebuild(all_but_the_timeline(in_memory=in_memory))
    assert await log.rows() == before
    assert [name for name in await log.generations() if name.endswith("_g1")] == ["timeline_rows_g1"]


@pytest.mark.parametrize(("type_", "fields"), UNRULY)
async def test_entry_that_makes_no_row_is_missing_in_both(log: Log, type_: str, fields: Mapping[str, object]) -> None:
    events = story(60)
    await log.append([*events[:30], an_event(1000, type=type_, data=orjson.dumps(fields)), *events[30:]])
    await log.project()
    before = await log.rows()
    assert len(before["timeline_rows"]) == 61
    await log.rebuild()
    assert await log.rows() == before


async def test_what_was_wrong_in_the_views_is_right_afterwards(log: Log) -> None:
    await log.append(story(100))
    await log.project()
    before = await log.rows()
    await log.site.fetch("delete from timeline_rows where index % 3 = 0")
    await log.site.fetch("update known_models set name = 'wrong'")
    assert await log.rows() != before
    await log.rebuild()
    assert await log.rows() == before


async def test_views_go_on_from_where_they_were_rebuilt_to(log: Log) -> None:
    await log.append(story(50))
    await log.project()
    await log.append(story(50, first=51))
    assert await log.rebuild() == 49, "what the views do not show yet is left to the projector"
    await log.project()
    before = await log.rows()
    assert len(before["timeline_rows"]) == 100
    await log.rebuild()
    assert await log.rows() == before


@asynccontextmanager
async def written_to(log: Log) -> AsyncIterator[asyncio.Event]:
    """The log grows and the views follow; the event is set whenever both have happened once more."""
    more = asyncio.Event()

    async def write() -> None:
        position = 100_000
        while True:
            await log.append(story(20, first=position))
            await log.project()
            more.set()
            position += 20
            await asyncio.sleep(0)

    writing = asyncio.create_task(write())
    try:
        yield more
    finally:
        writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writing


async def test_rebuild_while_the_log_grows_loses_and_doubles_nothing(log: Log) -> None:
    await log.append(story(400))
    await log.project()
    async with written_to(log) as more, asyncio.timeout(WITHIN):
        for _ in range(2):
            await log.rebuild()
            more.clear()
            await more.wait()
    await log.project()
    before = await log.rows()
    (logged,) = await log.site.fetch("select count(*) as entries from entries")
    assert len(before["timeline_rows"]) == logged["entries"] > 440
    await log.rebuild(all_views(in_memory=False))
    assert await log.rows() == before


async def test_reader_with_an_open_transaction_holds_up_the_swap_and_no_other(log: Log) -> None:
    await log.append(story(100))
    await log.project()
    async with log.site.superuser() as reader:
        await reader.execute(UNHURRIED)
        transaction = reader.transaction()
        await transaction.start()
        await reader.fetch("select * from timeline")
        rebuilding = asyncio.create_task(log.rebuild())
        async with written_to(log) as more, asyncio.timeout(WITHIN):
            for _ in range(5):
                more.clear()
                await more.wait()
            await eventually(log.has_two_generations)
            for _ in range(5):
                more.clear()
                await more.wait()
        assert not rebuilding.done()
        await transaction.rollback()
    await rebuilding
    await log.project()
    before = await log.rows()
    await log.rebuild()
    assert await log.rows() == before


async def test_rebuild_killed_in_the_middle_leaves_tables_that_the_next_one_drops(log: Log) -> None:
    await log.append(story(100))
    await log.project()
    before = await log.rows()
    async with log.site.superuser() as other, asyncio.timeout(WITHIN):
        await other.execute(UNHURRIED)
        transaction = other.transaction()
        await transaction.start()
        await other.fetch("select * from projection_marks for update")  # so that it gets no further than to the swap
        process = await a_rebuilding_process(log.site, "views")
        await eventually(log.has_two_generations)
        with pytest.raises(Rebuilding):
            await log.rebuild()
        process.kill()
        await process.communicate()
        await transaction.rollback()
    assert await log.rows() == before
    assert len(await log.generations()) == 2 * len(TABLES)
    await eventually(log.no_process_rebuilds)
    await log.rebuild()
    assert await log.rows() == before
    assert await log.generations() == sorted(f"{table}_g2" for table in TABLES)


async def test_process_says_what_it_did(log: Log) -> None:
    await log.append(story(20))
    await log.project()
    process = await a_rebuilding_process(log.site, "views")
    out, err = await process.communicate()
    assert (process.returncode, "views is rebuilt and serves: log up to 19" in out.decode()) == (0, True), err.decode()
    unknown = await a_rebuilding_process(log.site, "horoscope")
    _, err = await unknown.communicate()
    assert (unknown.returncode, "there are: credentials, spans, views" in err.decode()) == (2, True)


async def a_rebuilding_process(site: Site, projection: str) -> ForkedProgram:
    own = {"PLACET_AUDIT_DATABASE_URL": site.url, "PLACET_AUDIT_MIGRATION_URL": site.superuser_url}
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **own}
    pipe = asyncio.subprocess.PIPE
    return await fork_program("placet_audit", "rebuild", projection, env=environment, stdout=pipe, stderr=pipe)
