"""Ten thousand deadlines that are due in one minute: how long until all are done, beside updates of as many rows."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import asyncpg
import uvloop
from bench.database import Database, Server, postgres_server
from bench.options import Options, read_options
from bench.report import Rows, print_rows, write_tables
from bench.sign_offs import circumstances_of, prepare, sign_off_id
from bench.sources_server import ENVIRONMENT

from placet_approval.bootstrap import EVENT_REGISTRY, MIGRATIONS
from placet_approval.commands.remind_of_sign_off import remind_of_due
from placet_approval.domain.process_terms import DeadlineTerms, ProcessTerms
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_series import SignOffSeries
from placet_shared.event_store import Answer, EventStore, Metadata, UnitOfWork
from placet_shared.event_store.opening import open_store
from placet_shared.identifiers import new_id

NUMBER, QUICK = 10_000, 200
TOGETHER = 64
DAYS = timedelta(days=3)
TERMS = ProcessTerms(deadlines=DeadlineTerms(None, None, None, DAYS))
ALL_AT_ONCE = "update sign_offs set state = 'expired', changed_at = clock_timestamp() where state = 'pending'"
ONE = "update sign_offs set state = 'expired', changed_at = clock_timestamp() where sign_off_id = $1"
AGAIN = "update sign_offs set state = 'pending'"


async def request(store: EventStore, number: int) -> None:
    """Three days ago, so that its time is over now."""

    async def requested(uow: UnitOfWork) -> Answer:
        at = await uow.now() - DAYS
        now = await circumstances_of(uow, number, at)
        timed = replace(now.policy, terms=replace(now.policy.terms, process=TERMS))
        why = uow.text("as agreed", kind="rationale", subject=now.version.model_id)
        asked = SignOff.request(sign_off_id(number), "person-0", replace(now, policy=timed), why, at)
        uow.save(SignOffSeries.start(asked.key, now.version.version_id, ENVIRONMENT, at), subject=now.version.model_id)
        uow.save(asked, subject=now.version.model_id)
        return Answer(201, {})

    await store.run(requested, Metadata(actor="person-0", correlation=new_id()), None, action="bench")


async def seconds(work: Callable[[], Awaitable[object]]) -> float:
    """That it takes."""
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def one_by_one(pool: asyncpg.Pool, number: int) -> None:
    """As many transactions, of one row each, as many of them together as timers are."""
    for begun in range(0, number, TOGETHER):
        await asyncio.gather(*[pool.execute(ONE, sign_off_id(one)) for one in range(begun, min(begun + TOGETHER, number))])


async def compared(database: Database, number: int) -> Sequence[float]:
    """One update of all rows, an update of each, and the timers."""
    async with open_store(database.service_url, "approval", EVENT_REGISTRY, MIGRATIONS) as store:
        for begun in range(0, number, TOGETHER):
            await asyncio.gather(*[request(store, one) for one in range(begun, min(begun + TOGETHER, number))])
        found = []
        for work in (lambda: store.pool.execute(ALL_AT_ONCE), lambda: one_by_one(store.pool, number)):
            found.append(await seconds(work))
            await store.pool.execute(AGAIN)
        await database.execute("set search_path = approval, pg_catalog; analyze")
        found.append(await seconds(lambda: remind_of_due(store)))
        left = await store.pool.fetchval("select count(*) from sign_offs where state = 'pending'")
        assert not left, left
    return found


async def measure(server: Server, options: Options) -> Sequence[Rows]:
    """One table, medians over the rounds; each has a database of its own."""
    number = QUICK if options.quick else NUMBER
    measured = []
    for round_ in range(options.rounds):
        database = await server.database(f"approval_{round_}")
        await prepare(database, number)
        measured.append(await compared(database, number))
    names = ("one UPDATE of all rows", "an UPDATE of each row", "timers: an event and its rows each")
    taken = [statistics.median(column) for column in zip(*measured, strict=True)]
    rows = [[name, number, round(took, 2), round(number / took)] for name, took in zip(names, taken, strict=True)]
    return [Rows("Deadlines that are due at once", ["what", "sign-offs", "s until all are done", "a second"], rows)]


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__, rounds=3)
    with postgres_server() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        tables = runner.run(measure(server, options))
    for table in tables:
        print_rows(table)
    write_tables(options.json, (), tables)


if __name__ == "__main__":
    main()
