"""The growth of endpoints' cost with the data: each is called at three sizes, for time and for the blocks that it reads."""

import asyncio
from collections.abc import Sequence

import uvloop
from bench.approval_scale import APPROVAL
from bench.audit_scale import AUDIT
from bench.database import Server, postgres_server
from bench.endpoints import Asked, Filled, ask_all
from bench.options import Options, read_options
from bench.registry_scale import REGISTRY
from bench.report import Rows, print_rows, write_tables
from bench.verification_scale import VERIFICATION

# One row per service: how it is filled, and its endpoints.
FILLED: Sequence[tuple[Filled, Sequence[int]]] = (
    (AUDIT, (1_000, 30_000, 1_000_000)),
    (REGISTRY, (1_000, 10_000, 100_000)),
    (VERIFICATION, (1_000, 10_000, 100_000)),
    (APPROVAL, (1_000, 10_000, 100_000)),
)
QUICK = (1_000, 5_000, 20_000)
TIMES = 100


async def compare(server: Server, filled: Filled, sizes: Sequence[int], times: int) -> Rows:
    """A row for each endpoint."""
    asked = []
    for size in sizes:
        database = await server.database(f"{filled.service}_{size}")
        asked.append(await ask_all(filled, database, size, times))
    rows = [_row(endpoint.name, of_sizes) for endpoint, *of_sizes in zip(filled.endpoints, *asked, strict=True)]
    columns = [*(f"ms at {size:,}" for size in sizes), "growth", *(f"blocks at {size:,}" for size in sizes), "growth of blocks"]
    return Rows(f"{filled.service}-service, by its number of {filled.rows}", ["endpoint", *columns], rows)


def _row(name: str, asked: Sequence[Asked]) -> Sequence[str | float]:
    times = [round(one.milliseconds, 2) for one in asked]
    blocks = [round(one.blocks, 1) for one in asked]
    return [name, *times, round(times[-1] / times[0], 2), *blocks, round(blocks[-1] / max(blocks[0], 1), 2)]


async def measure(server: Server, options: Options) -> Sequence[Rows]:
    """Service by service."""
    times = TIMES // 5 if options.quick else TIMES
    return [await compare(server, filled, QUICK if options.quick else sizes, times) for filled, sizes in FILLED]


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__, rounds=1)
    with postgres_server() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        tables = runner.run(measure(server, options))
    for table in tables:
        print_rows(table)
    write_tables(options.json, (), tables)


if __name__ == "__main__":
    main()
