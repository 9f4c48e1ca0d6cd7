"""A process that is stopped (SIGSTOP) in the middle of its append transaction, and another one that wants to append meanwhile (rule 12)."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from placet_shared.event_store import EventStore
from placet_shared.event_store.writer import LANES
from placet_shared.postgres import connect
from placet_shared.testing import eventually

from .conftest import SCHEMA, Site, metadata, raising

pytestmark = pytest.mark.postgres

PROGRAM = Path(__file__).with_name("raise_counters.py")
LIMIT = timedelta(seconds=5)
# All who hold the append lock or wait for it.
AT_THE_LOCK = """
    select a.application_name, l.granted, a.state, a.state_change from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database())
"""


async def waiting_at_the_lock(site: Site, lanes: int) -> bool:
    return [session["granted"] for session in await site.fetch(AT_THE_LOCK)].count(False) == lanes


@asynccontextmanager
async def stopped_writer(site: Site) -> AsyncIterator[None]:
    """A real process that stops with one lane after its append and before its commit, and the other lane waiting behind it."""
    told = {**os.environ, "PLACET_STOP_AT": "writer.after_append", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, str(PROGRAM), site.url, *(f"many-{number}" for number in range(200))]
    held = await connect(site.superuser_url, SCHEMA, idle_in_transaction_session_timeout="0")
    await held.execute("select pg_advisory_lock(append_lock())")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, env=told)
    try:
        await eventually(lambda: waiting_at_the_lock(site, LANES))
        await held.close()
        await eventually(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED)
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def test_both_lanes_of_a_stopped_process_together_hold_up_others_for_at_most_five_seconds(site: Site) -> None:
    other = await site.store()
    async with stopped_writer(site):
        sessions = await site.fetch(AT_THE_LOCK)
        assert sorted(session["granted"] for session in sessions) == [False, True], "one lane waits behind the other"
        (holder,) = [session for session in sessions if session["granted"]]
        assert holder["state"] == "idle in transaction"
        await raised(other)
        (event,) = await site.fetch("select recorded_at from events where stream = 'counter-others' and version = 1")
    assert event["recorded_at"] - holder["state_change"] < LIMIT


async def raised(store: EventStore) -> None:
    async with asyncio.timeout(60):
        await store.run(raising("others"), metadata("other"), None, action="raise")
