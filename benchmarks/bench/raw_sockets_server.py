"""The minimal server that notifies many waiters: one LISTEN, and a line to each raw socket after a commit.

Run as a module, with JSON in its only argument, it prints its port.
"""

import asyncio
import json
import sys
from dataclasses import dataclass

import asyncpg
import uvloop

from bench.many_files import allow_many_files

__all__ = ["CHANNEL", "RawSockets"]

CHANNEL = "placet_approval"
GREETING = b"waiting\n"
NEWS = b"committed\n"


@dataclass(frozen=True, slots=True)
class RawSockets:
    """Where to listen for commits."""

    database_url: str


async def serve(told: RawSockets) -> None:
    """Until it is killed."""
    writers: set[asyncio.StreamWriter] = set()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        writer.write(GREETING)
        await reader.read()
        writers.discard(writer)
        writer.close()

    def tell(*_: object) -> None:
        for writer in writers:
            writer.write(NEWS)

    connection = await asyncpg.connect(told.database_url)
    await connection.add_listener(CHANNEL, tell)
    server = await asyncio.start_server(greet, "127.0.0.1", 0, backlog=2048)
    print(json.dumps([server.sockets[0].getsockname()[1]]), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    allow_many_files()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(RawSockets(**json.loads(sys.argv[1]))))
