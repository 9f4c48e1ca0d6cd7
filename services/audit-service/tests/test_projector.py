"""The views follow the log: one mark for all, nothing that one entry says stops the others."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placet_audit.adapters.audit_log import PostgresAuditLog
from placet_audit.domain.meaning import meaning_of
from placet_audit.projections import VIEWS
from placet_audit.projections.entry import Entry
from placet_audit.projections.projector import Projector
from placet_audit.projections.views import View
from placet_audit.queries.views import ViewsReach
from placet_shared.event_store import RecordedEvent
from placet_shared.postgres.connections import open_pool
from placet_shared.testing import eventually

from .conftest import AMPLE, SCHEMA, Site
from .events import an_event

UNREADABLE = [b"", b"[1, 2]", b"no json", b"\xff\xfe", b'"\\ud800"', b"[" * 5000, b'{"a": 1e999}', b'{"a": %d}' % 10**200]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)
NAMES = st.sampled_from(["model_id", "version_id", "environment", "name", "allowed"]) | st.text()
TYPES = st.sampled_from(["ActionRefused", "GateDecisionMade", "EnvironmentDefined", "RunErrored", "ModelTagged"]) | st.text()


@settings(deadline=None)
@given(type_=TYPES, fields=st.dictionaries(NAMES, JSON))
def test_meaning_of_whatever_was_recorded_can_be_shown(type_: str, fields: dict[str, object]) -> None:
    meaning = meaning_of(type_, fields)
    shown = [meaning.model_id, meaning.version_id, meaning.environment, *meaning.details, *meaning.details.values()]
    assert all(len(one) <= 200 and "\0" not in one for one in shown if isinstance(one, str))
    assert not any(isinstance(one, list | dict) for one in shown)


@pytest.mark.parametrize(
    ("type_", "fields", "result"),
    [
        ("ModelRegistered", {}, "done"),
        ("ActionRefused", {}, "refused"),
        ("VerificationFailed", {}, "failed"),
        ("RunErrored", {}, "failed"),
        ("RunCancelled", {}, "done"),
        ("SignOffRejected", {}, "rejected"),
        ("SignOffInvalidated", {}, "invalidated"),
        ("GateDecisionMade", {"allowed": True}, "done"),
        ("GateDecisionMade", {"allowed": False}, "denied"),
        ("GateDecisionMade", {}, "denied"),
    ],
)
def test_result_of_an_act(type_: str, fields: dict[str, object], result: str) -> None:
    assert meaning_of(type_, fields).result == result


async def log(site: Site, *events: RecordedEvent) -> None:
    async with site.service() as connection:
        await PostgresAuditLog().append(connection, events)


async def lines(site: Site) -> list[int]:
    return [row["index"] for row in await site.fetch("select index from timeline order by index")]


@pytest.mark.postgres
@pytest.mark.parametrize("data", UNREADABLE)
async def test_data_that_can_not_be_read_still_has_a_line(site: Site, data: bytes) -> None:
    await log(site, an_event(1), an_event(2, data=data), an_event(3))
    pool = await open_pool(site.url, SCHEMA)
    try:
        assert await Projector(pool).project_some() == 3
        assert await Projector(pool).project_some() == 0
    finally:
        await pool.close()
    assert await lines(site) == [0, 1, 2]


class BrokenInTheDatabase:
    name = "broken"

    async def project(self, connection: asyncpg.Connection, entries: Sequence[Entry]) -> None:
        for entry in entries:
            await connection.execute("insert into known_models values ($1, 'x', 1 / $2::int)", str(entry.index), 1 - entry.index)


class BrokenInPython(BrokenInTheDatabase):
    async def project(self, connection: asyncpg.Connection, entries: Sequence[Entry]) -> None:
        if any(entry.index == 1 for entry in entries):
            raise RuntimeError("a defect")
        await super().project(connection, entries)


@pytest.mark.postgres
@pytest.mark.parametrize("broken", [BrokenInTheDatabase(), BrokenInPython()])
async def test_view_that_can_not_take_an_entry_goes_without_it_and_holds_up_no_other(site: Site, broken: View) -> None:
    await log(site, an_event(1), an_event(2), an_event(3))
    pool = await open_pool(site.url, SCHEMA)
    try:
        assert await Projector(pool, (broken, *VIEWS)).project_some() == 3
    finally:
        await pool.close()
    assert await lines(site) == [0, 1, 2]
    assert [row["model_id"] for row in await site.fetch("select model_id from known_models order by 1")] == ["0", "2"]


@pytest.mark.postgres
async def test_many_that_wait_for_the_views_cost_one_read_a_change(site: Site) -> None:
    """Half of them for an entry that is projected first, half for the one that follows."""
    pool = await open_pool(site.url, SCHEMA)
    try:
        views = ViewsReach(pool)
        projector = Projector(pool, moved=views.waiters.wake)
        waits = [asyncio.create_task(views.wait(index, AMPLE)) for index in (0, 1) * 50]

        async def all_wait() -> bool:
            return views.waiters.asleep == len(waits)

        await eventually(all_wait)
        reads, due = views.waiters.reads, views.waiters.wake_ups + views.waiters.looks
        for position in (1, 2):
            await log(site, an_event(position))
            await projector.project_all()
        assert all(await asyncio.gather(*waits))
        assert views.waiters.reads - reads <= views.waiters.wake_ups + views.waiters.looks - due
    finally:
        await pool.close()


@pytest.mark.postgres
async def test_wait_for_the_views_ends_when_the_process_stops(site: Site) -> None:
    pool = await open_pool(site.url, SCHEMA)
    try:
        views = ViewsReach(pool)
        waiting = asyncio.create_task(views.wait(0, AMPLE))
        await eventually(lambda: views.waiters.asleep == 1)
        views.waiters.stop()
        assert await waiting is False
    finally:
        await pool.close()


@pytest.mark.postgres
async def test_several_projectors_have_one_effect(site: Site) -> None:
    pool = await open_pool(site.url, SCHEMA)
    try:
        for first in range(1, 1500, 300):
            await log(site, *[an_event(position) for position in range(first, first + 300)])
        projected = await asyncio.gather(*[Projector(pool).project_some() for _ in range(5)])
        assert sorted(projected) == [0, 0, 500, 500, 500]
    finally:
        await pool.close()
    assert await lines(site) == list(range(1500))
