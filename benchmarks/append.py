"""Appends per second: the event store beside the `eventsourcing` library's own recorder, and whole commands beside both."""

import argparse
import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import uvloop
from bench.database import Server, postgres_server
from bench.measuring import Contestant
from bench.ours import bare_appends, one_row, open_store, whole_commands
from bench.report import Result, print_table, run_rounds, write_json
from bench.rivals import library_recorder, transaction_per_command

DATA_BYTES = 400
AT_ONCE = (1, 16, 64, 256)
RIVALS_AT_ONCE = 16


async def compare(server: Server, rounds: int, seconds: float) -> list[Result]:
    """All contestants in turn on one server, each with a database of its own."""
    note = "x" * (DATA_BYTES - len(json.dumps({"notes": 1, "note": ""}, separators=(",", ":"))))
    data = json.dumps({"notes": 1, "note": note}, separators=(",", ":")).encode()
    async with AsyncExitStack() as stack:
        library = await stack.enter_async_context(library_recorder(await server.database("library"), data, RIVALS_AT_ONCE))
        plain = await stack.enter_async_context(transaction_per_command(await server.database("plain"), data, RIVALS_AT_ONCE))
        bare = await stack.enter_async_context(open_store(await server.database("bare")))
        whole = await stack.enter_async_context(open_store(await server.database("whole"), one_row))
        contestants: list[Contestant] = [library, plain]
        contestants += [bare_appends(bare, data, at_once) for at_once in AT_ONCE]
        contestants += [whole_commands(whole, note, at_once) for at_once in AT_ONCE]
        return await run_rounds(contestants, library, rounds, seconds)


def main() -> None:
    """Run, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run of a few seconds; its figures mean nothing")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.5, help="for each contestant in each round")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    asked = parser.parse_args()
    rounds, seconds = (1, 0.4) if asked.quick else (asked.rounds, asked.seconds)
    with postgres_server() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        results = runner.run(compare(server, rounds, seconds))
    print_table(f"Events of {DATA_BYTES} bytes, synchronous_commit=on; ratio to the library's recorder", "events", results)
    if asked.json:
        write_json(asked.json, "events", results)


if __name__ == "__main__":
    main()
