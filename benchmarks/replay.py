"""Replaying past decisions under a draft policy, beside a plain SELECT of the same sign-offs; and what one costs as they grow."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import asyncpg
import uvloop
from bench.database import Server, postgres_server
from bench.endpoints import blocks_read
from bench.measuring import Contestant, Figure
from bench.options import Options, read_options
from bench.past_decisions import SCHEMA, fill_past
from bench.report import Rows, Table, compared, measure_rounds, print_rows, print_tables, write_tables

from placet_approval.domain.policy_terms import INVOLVEMENTS, EvidenceTerms, PolicyTerms, SignatureTerm
from placet_approval.domain.written_policy import WrittenPolicy
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
DRAFTS = {"a draft about people alone": PEOPLE_ALONE, "a draft with everything that is looked up": EVERYTHING}
PLAIN = "select * from sign_offs where environment = 'prod' and sign_off_id < $1 order by sign_off_id desc limit $2"
AFTER_ALL = "g"


@dataclass(frozen=True, slots=True)
class Past:
    """A past of so many decisions; `blocks` are those that were read for one of them, by contestant, in the last round."""

    pool: asyncpg.Pool
    watching: asyncpg.Connection
    decisions: int
    blocks: dict[str, float] = field(default_factory=dict)

    def measured(self, name: str, once: Callable[[asyncpg.Pool, int], Awaitable[None]]) -> Contestant:
        """All decisions, once a round, however long it takes."""

        async def measure(_: float) -> Figure:
            before = await blocks_read(self.pool, self.watching)
            began = time.perf_counter()
            await once(self.pool, self.decisions)
            seconds = time.perf_counter() - began
            self.blocks[name] = (await blocks_read(self.pool, self.watching) - before) / self.decisions
            return Figure(self.decisions / seconds, seconds * 1000, seconds * 1000, self.decisions)

        return Contestant(name, 1, measure)

    def contestants(self) -> Sequence[Contestant]:
        """The first is the yardstick."""
        return [self.measured("plain SELECT", plain_select), *(self.measured(name, replayed(draft)) for name, draft in DRAFTS.items())]


async def plain_select(pool: asyncpg.Pool, decisions: int) -> None:
    """The same rows in the same pages, and nothing done with them."""
    before, read = AFTER_ALL, 0
    while rows := await pool.fetch(PLAIN, before, A_PAGE):
        before, read = rows[-1]["sign_off_id"], read + len(rows)
    assert read == decisions


def replayed(draft: PolicyTerms) -> Callable[[asyncpg.Pool, int], Awaitable[None]]:
    """All of them, however old."""

    async def replay(pool: asyncpg.Pool, decisions: int) -> None:
        found = await replay_policy(pool, WrittenPolicy(draft), ReplayOptions(BEGINNING, decisions, 5, seconds=3600))
        assert (found.replayed, found.complete) == (decisions, True)

    return replay


async def compare(server: Server, options: Options) -> tuple[Sequence[Table], Sequence[Rows]]:
    """The largest number in full; of all of them what one decision costs each contestant, in blocks that PostgreSQL reads and in time."""
    sizes = QUICK if options.quick else SIZES
    blocks, times = [], []
    async with AsyncExitStack() as stack:
        for decisions in sizes:
            past = await open_past(server, stack, decisions)
            among = past.contestants()
            rounds = await measure_rounds(among, options.rounds, options.seconds)
            results = compared(rounds, among, among[0])
            blocks.append([past.blocks[one.name] for one in among])
            times.append([1_000_000 / result.per_second for result in results])
    title = f"Past decisions for prod, {sizes[-1]:,} of them and as many for test; ratio to a plain SELECT of their rows"
    names = [result.name for result in results]
    grown = [
        growth("Blocks that PostgreSQL reads for one decision", sizes, names, blocks),
        growth("Microseconds a decision", sizes, names, times),
    ]
    return [Table(title, "decisions", results)], grown


async def open_past(server: Server, stack: AsyncExitStack, decisions: int) -> Past:
    """In a database of its own."""
    database = await server.database(f"past_{decisions}")
    await fill_past(database, decisions)
    pool = await open_pool(database.service_url, SCHEMA, "benchmark", size=2)
    stack.push_async_callback(close_pool, pool)
    watching = await asyncpg.connect(database.superuser_url)
    stack.push_async_callback(watching.close)
    return Past(pool, watching, decisions)


def growth(title: str, sizes: Sequence[int], names: Sequence[str], of_sizes: Sequence[Sequence[float]]) -> Rows:
    """A row for each contestant; the last column has the last size's figure beside the first one's."""
    rows: list[Sequence[str | float]] = []
    for name, figures in zip(names, zip(*of_sizes, strict=True), strict=True):
        rows.append([name, *(round(figure, 1) for figure in figures), round(figures[-1] / figures[0], 2)])
    return Rows(title, ["", *(f"of {size:,}" for size in sizes), "growth"], rows)


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
