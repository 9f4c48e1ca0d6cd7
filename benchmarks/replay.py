"""Replaying past decisions under a draft policy, beside a plain SELECT of the same sign-offs; and what one costs as they grow."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import uvloop
from bench.database import Server, postgres_server
from bench.measuring import Contestant, Figure
from bench.options import Options, read_options
from bench.past_decisions import SCHEMA, fill_past
from bench.report import Rows, Table, compared, measure_rounds, print_rows, print_tables, write_tables

from placet_approval.domain.policy_terms import INVOLVEMENTS, EvidenceTerms, PolicyTerms, SignatureTerm
from placet_approval.queries.past_sign_offs import A_PAGE
from placet_approval.queries.policy_replay import ReplayOptions, replay_policy
from placet_shared.postgres.connections import close_pool, open_pool

DECISIONS = 100_000
SIZES = (1_000, 10_000, DECISIONS)
QUICK = (200, 2_000)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

SIGNATURES = (SignatureTerm(("reviewer",), 2), SignatureTerm(("risk-officer",), 1))
PEOPLE_ALONE = PolicyTerms("prod", "prevent", SIGNATURES, None, INVOLVEMENTS, timedelta(days=90), rationale_required=True)
EVERYTHING = replace(
    PEOPLE_ALONE,
    verification=EvidenceTerms(None, timedelta(days=30), held_out_required=True),
    previous_required=True,
    soak=timedelta(hours=72),
    process=replace(PEOPLE_ALONE.process, findings_held=True),
)
PLAIN = "select * from sign_offs where environment = 'prod' and sign_off_id < $1 order by sign_off_id desc limit $2"
AFTER_ALL = "g"


def measured(name: str, decisions: int, once: Callable[[], Awaitable[None]]) -> Contestant:
    """All decisions, once a round, however long it takes."""

    async def measure(_: float) -> Figure:
        began = time.perf_counter()
        await once()
        seconds = time.perf_counter() - began
        return Figure(decisions / seconds, seconds * 1000, seconds * 1000, decisions)

    return Contestant(name, 1, measure)


async def plain_select(pool: asyncpg.Pool, decisions: int) -> None:
    """The same rows in the same pages, and nothing done with them."""
    before, read = AFTER_ALL, 0
    while rows := await pool.fetch(PLAIN, before, A_PAGE):
        before, read = rows[-1]["sign_off_id"], read + len(rows)
    assert read == decisions


async def replay(pool: asyncpg.Pool, draft: PolicyTerms, decisions: int) -> None:
    """All of them, however old."""
    found = await replay_policy(pool, draft, ReplayOptions(BEGINNING, decisions, 5, seconds=3600))
    assert (found.replayed, found.complete) == (decisions, True)


def contestants(pool: asyncpg.Pool, decisions: int) -> Sequence[Contestant]:
    """The first is the yardstick."""
    return [
        measured("plain SELECT", decisions, lambda: plain_select(pool, decisions)),
        measured("a draft about people alone", decisions, lambda: replay(pool, PEOPLE_ALONE, decisions)),
        measured("a draft with everything that is looked up", decisions, lambda: replay(pool, EVERYTHING, decisions)),
    ]


async def compare(server: Server, options: Options) -> tuple[Sequence[Table], Sequence[Rows]]:
    """The largest number in full, and each contestant's microseconds a decision at all of them."""
    sizes = QUICK if options.quick else SIZES
    each: list[Sequence[float]] = []
    async with AsyncExitStack() as stack:
        for decisions in sizes:
            database = await server.database(f"past_{decisions}")
            await fill_past(database, decisions)
            pool = await open_pool(database.service_url, SCHEMA, "benchmark", size=2)
            stack.push_async_callback(close_pool, pool)
            among = contestants(pool, decisions)
            rounds = await measure_rounds(among, options.rounds, options.seconds)
            results = compared(rounds, among, among[0])
            each.append([1_000_000 / result.per_second for result in results])
    title = f"Past decisions for prod, {sizes[-1]:,} of them and as many for test; ratio to a plain SELECT of their rows"
    growth: list[Sequence[str | float]] = [
        [one.name, *(round(of_size[place], 1) for of_size in each), round(each[-1][place] / each[0][place], 2)]
        for place, one in enumerate(results)
    ]
    columns = ["", *(f"µs each of {size:,}" for size in sizes), "growth"]
    return [Table(title, "decisions", results)], [Rows("What one decision costs as they grow", columns, growth)]


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__, rounds=3)
    with postgres_server() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        tables, rows = runner.run(compare(server, options))
    print_tables(tables)
    for one in rows:
        print_rows(one)
    write_tables(options.json, tables, rows)


if __name__ == "__main__":
    main()
