"""From the commit of an approval to the answers to all its waiters, beside one LISTEN and as many raw sockets."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import AsyncExitStack

import httpx
import uvloop
from bench.approval_server import Approving
from bench.approving import Approver, approver
from bench.database import Server, postgres_server
from bench.many_files import allow_many_files
from bench.measuring import Contestant, Figure
from bench.options import Options, read_options
from bench.profiles import BEGIN, END
from bench.raw_sockets_server import GREETING, NEWS, RawSockets
from bench.report import Rows, Table, print_rows, print_tables, run_rounds, write_tables
from bench.serving import served
from bench.sign_offs import fill, sign_off_id
from bench.waiters import Way, wait_for_approvals

# Waiters, and how many approvals one after the other in each round.
WAITERS = ((1, 20), (100, 3), (1000, 1))
QUICK = ((1, 2), (50, 1))
APPROVED = b'"state":"approved"'


def ways(port: int, raw_port: int, token: str) -> dict[str, Way]:
    """By name; the first is the yardstick."""
    known = f" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
    return {
        "one LISTEN and raw sockets": Way(raw_port, "", GREETING, NEWS),
        "server-sent events": Way(port, f"GET /v1/sign-offs/{{id}}/events{known}", b'"state":"pending"', APPROVED),
        "long-poll": Way(port, f"GET /v1/sign-offs/{{id}}/wait?timeout=25{known}", None, APPROVED),
    }


def contestant(name: str, way: Way, waiters: int, approvals: int, fresh: Iterator[int], approving: Approver) -> Contestant:
    """Each approval is of a sign-off that is still pending."""

    async def measure(_: float) -> Figure:
        sign_offs = [(number, sign_off_id(number)) for number in itertools.islice(fresh, approvals)]
        return await wait_for_approvals(way, sign_offs, waiters, approving)

    return Contestant(name, waiters, measure)


async def compare(server: Server, options: Options) -> tuple[list[Table], Rows, dict[str, int]]:
    """The tables, and how often the table of sign-offs was read for how many approvals."""
    counts = QUICK if options.quick else WAITERS
    needed = 1 + options.rounds * 3 * sum(approvals for _, approvals in counts)
    database = await server.database("approval")
    installation = await fill(database, needed, needed, approved=False)
    async with AsyncExitStack() as stack:
        [port] = await stack.enter_async_context(served("approval_server", Approving(database.service_url, str(server.folder), {}, "")))
        [raw_port] = await stack.enter_async_context(served("raw_sockets_server", RawSockets(database.service_url), ready=False))
        approving = await stack.enter_async_context(approver(database))
        fresh = iter(range(needed))
        tables = []
        for waiters, approvals in counts:
            contestants = [
                contestant(name, way, waiters, approvals, fresh, approving)
                for name, way in ways(port, raw_port, installation.token).items()
            ]
            results = await run_rounds(contestants, contestants[0], options.rounds, options.seconds, "p99_ms")
            tables.append(Table(f"Approved → answered, {waiters:,} waiting", "answers", results, "p99_ms"))
        profile = await profiled(port, ways(port, raw_port, installation.token)["long-poll"], counts[-1][0], next(fresh), approving)
        return tables, profile, await _reads(port)


async def profiled(port: int, way: Way, waiters: int, number: int, approving: Approver) -> Rows:
    """One more wake-up, from when all wait to when all are answered, by a profile of the server."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:

        class Profiling:
            async def approve(self, number: int) -> None:
                await client.post(BEGIN)
                await approving.approve(number)

            async def committed_at(self) -> float:
                return await approving.committed_at()

        await wait_for_approvals(way, [(number, sign_off_id(number))], waiters, Profiling())
        shares: dict[str, float] = (await client.post(END)).json()
    rows: list[list[str | float]] = [[part, round(100 * share, 1)] for part, share in shares.items()]
    return Rows(f"Where the server's time goes when {waiters:,} long-polls are answered, by a profile", ["", "%"], rows)


async def _reads(port: int) -> dict[str, int]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        counted: dict[str, int] = (await client.get("/v1/waiters")).json()
    return {"wake_ups": counted["wake_ups"], "reads_for_wake_ups": counted["reads"]}


def main() -> None:
    """Run, print, and write JSON when asked."""
    allow_many_files()
    options = read_options(__doc__)
    with postgres_server(commit_times=True) as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        tables, profile, reads = runner.run(compare(server, options))
    print_tables(tables)
    print_rows(profile)
    print(f"\n{reads['reads_for_wake_ups']} reads of the table for {reads['wake_ups']} wake-ups, however many waited")
    write_tables(options.json, tables, [profile], reads=reads)


if __name__ == "__main__":
    main()
