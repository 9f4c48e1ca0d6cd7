"""From the commit of an approval to its event at plain Kafka consumers, beside a message that is plainly sent to as many.

Clients that wait at approval-service wait at its own store, with no broker between: benchmarks/waiting.py measures that. This is the
time for a program that consumes the topic instead. Needs Java 17 and Maven, so `make bench` leaves it out.
"""

import asyncio
import itertools
import os
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import uvloop
from bench.approval_server import Approving
from bench.broker import kafka_broker
from bench.database import Database, Server, postgres_server
from bench.measuring import Contestant, Figure
from bench.options import Options, read_options
from bench.report import Table, print_tables, run_rounds, write_tables
from bench.serving import served
from bench.sign_offs import SCHEMA, fill, last_signature, sign_off_id
from bench.telling import IsIt, Telling, sending, topic_is_there
from bench.topic_readers import reading

from placet_approval.bootstrap import EVENT_REGISTRY, MIGRATIONS
from placet_shared.bus.kafka import topic_of
from placet_shared.event_store.opening import open_store

# Consumers, and how many messages one after the other in each round.
CONSUMERS = ((1, 50), (10, 20))
QUICK = ((1, 3), (10, 2))
SETTLE_SECONDS = 0.02  # so that every consumer polls the broker again before the next message


def contestant(name: str, telling: Telling, consumers: int, messages: int, numbers: Iterator[int], servers: str) -> Contestant:
    """Consumers are opened before each round, and one message after the other goes to all of them."""

    async def measure(_: float) -> Figure:
        taken: list[float] = []
        async with reading(servers, telling.topic, consumers) as readers:
            for number in itertools.islice(numbers, messages):
                await asyncio.sleep(SETTLE_SECONDS)
                coming = asyncio.create_task(readers.first(telling.recognize(number)))
                told = await telling.tell(number)
                arrived = await coming
                known = min(told, *arrived)  # a consumer may know a little earlier than the approver
                taken += [(at - known) * 1000 for at in arrived]
        percentiles = statistics.quantiles(taken, n=100, method="inclusive")
        return Figure(1000 / max(statistics.mean(taken), 0.001), percentiles[49], percentiles[98], len(taken))

    return Contestant(name, consumers, measure)


@asynccontextmanager
async def approving(database: Database) -> AsyncIterator[Telling]:
    """The time starts when the process that gave the last signature knew that it was durable."""
    async with open_store(database.service_url, SCHEMA, EVENT_REGISTRY, MIGRATIONS) as store:

        async def approve(number: int) -> float:
            await last_signature(store, number)
            return time.monotonic()

        def recognize(number: int) -> IsIt:
            id_ = sign_off_id(number).encode()
            return lambda message: _header(message, "ce_stream").endswith(id_) and b"SignOffApproved" in _header(message, "ce_type")

        yield Telling(topic_of(SCHEMA), approve, recognize)


async def until_relayed(servers: str, telling: Telling, number: int) -> None:
    """Everything that the store had before, and this one after it, is in the topic."""
    await topic_is_there(servers, telling.topic)
    async with reading(servers, telling.topic, 1) as readers:
        coming = asyncio.create_task(readers.first(telling.recognize(number)))
        await telling.tell(number)
        await coming


async def compare(server: Server, servers: str, options: Options) -> list[Table]:
    """One table for each number of consumers."""
    counts = QUICK if options.quick else CONSUMERS
    needed = 1 + options.rounds * sum(messages for _, messages in counts)
    database = await server.database("approval")
    await fill(database, needed, needed, approved=False)
    async with AsyncExitStack() as stack:
        os.environ["PLACET_KAFKA_BOOTSTRAP_SERVERS"] = servers  # for the service, whose relay it is
        await stack.enter_async_context(served("approval_server", Approving(database.service_url, str(server.folder), {}, "")))
        sent, approved = await stack.enter_async_context(sending(servers)), await stack.enter_async_context(approving(database))
        numbers = itertools.count()
        await until_relayed(servers, approved, next(numbers))
        tables = []
        for consumers, messages in counts:
            contestants = [
                contestant("a message that is sent", sent, consumers, messages, itertools.count(), servers),
                contestant("an approval that is committed", approved, consumers, messages, numbers, servers),
            ]
            results = await run_rounds(contestants, contestants[0], options.rounds, options.seconds, "p99_ms")
            title = f"Approved → its event at a plain consumer of the topic, {consumers} consuming"
            tables.append(Table(title, "messages", results, "p99_ms"))
        return tables


def _header(message: Any, name: str) -> bytes:
    value: bytes = dict(message.headers).get(name, b"")
    return value


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__)
    with kafka_broker() as servers, postgres_server() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        tables = runner.run(compare(server, servers, options))
    print_tables(tables)
    write_tables(options.json, tables)


if __name__ == "__main__":
    main()
