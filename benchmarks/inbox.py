"""The growth of an inbox's cost with the number of sign-offs, for time and for the blocks that a request reads."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import uvloop
from bench.approval_scale import APPROVAL
from bench.database import Server, postgres_server
from bench.options import Options, read_options
from bench.report import Rows, print_rows, write_tables
from scale import compare

SIZES = (1_000, 100_000, 1_000_000)
QUICK = (1_000, 5_000)
TIMES = 20
INBOX = replace(APPROVAL, endpoints=tuple(one for one in APPROVAL.endpoints if one.name.startswith("inbox")))


async def measure(server: Server, options: Options) -> Sequence[Rows]:
    """One table."""
    return [await compare(server, INBOX, QUICK if options.quick else SIZES, TIMES)]


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
