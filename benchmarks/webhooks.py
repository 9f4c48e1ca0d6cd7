"""Delivering events to webhooks beside plain posts by the same HTTP client, and to 1,000 receivers of which 100 hang."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network

import asyncpg
import httpx
import uvloop
from bench.database import Server, postgres_server
from bench.many_files import allow_many_files
from bench.options import Options, read_options
from bench.report import Rows, print_rows, write_tables
from bench.webhook_sink import Sink, sink

from placet_approval.adapters.webhook_receivers import WebhookReceivers
from placet_approval.bootstrap import EVENT_REGISTRY, MIGRATIONS, WEBHOOK_CONNECTIONS
from placet_approval.workers.webhook_delivery import WebhookDelivery
from placet_shared.certificates import trusted_certificates
from placet_shared.event_store import EventStore
from placet_shared.postgres.connections import close_pool, open_pool

# Receivers, and events for each of them.
RATES = ((1, 500), (10, 100), (100, 20))
QUICK = ((1, 20), (10, 2))
MANY, EVENTS, ONE_IN = 1000, 3, 10
PAYLOAD = b"x" * 1000
QUEUE = """
    insert into webhooks (webhook_id, host, types, enabled, added_by, added_at, changed_at, version)
    select n::text, '127.0.0.1', '{{*}}', true, 'p', now(), now(), 1 from generate_series(1, {receivers}) n;
    insert into webhook_endpoints (webhook_id, url, secret)
    select webhook_id, 'http://127.0.0.1:{port}/' || webhook_id, 'whsec_' || encode(sha256(webhook_id::bytea), 'base64') from webhooks;
    insert into webhook_events (event_id, source, type, subject, payload)
    select gen_random_uuid(), 'approval', 'SignOffApproved', 's', convert_to(repeat('x', 1000), 'UTF8') from generate_series(1, {events});
    insert into webhook_deliveries (webhook_id, event_id) select w.webhook_id, e.event_id from webhook_events e, webhooks w;
"""
EMPTY = "truncate webhook_events, webhook_deliveries, webhook_attempts, webhook_endpoints cascade; truncate webhooks_g1"


@dataclass(frozen=True, slots=True)
class Ours:
    """The queue in a database, and what delivers from it, as the service has it."""

    store: EventStore
    pool: asyncpg.Pool
    superuser: asyncpg.Connection

    async def queue(self, receivers: int, events: int, port: int) -> None:
        """So many events for each of so many receivers."""
        await self.superuser.execute(EMPTY)
        await self.superuser.execute(QUEUE.format(receivers=receivers, events=events, port=port))
        await self.superuser.execute("analyze")

    async def deliver(self, target: Sink, expected: int) -> float:
        """Seconds until the receivers that answer have all of it."""
        woken = asyncio.Event()
        delivery = WebhookDelivery(self.store, self.pool, WebhookReceivers([ip_network("127.0.0.0/8")]), woken.set)
        began = time.perf_counter()
        arrived = asyncio.create_task(target.until(expected))
        while not arrived.done():
            woken.clear()
            await delivery.start_due()
            look = asyncio.create_task(woken.wait())
            await asyncio.wait([arrived, look], timeout=1, return_when=asyncio.FIRST_COMPLETED)
            look.cancel()
        took = time.perf_counter() - began
        await delivery.stop()
        return took


async def plain(target: Sink, receivers: int, events: int) -> float:
    """The same posts from memory: a client for each receiver, one request after the other."""

    async def post(number: int) -> None:
        async with httpx.AsyncClient(trust_env=False, verify=trusted_certificates(), timeout=60) as client:
            for _ in range(events):
                await client.post(target.url(number), content=PAYLOAD)

    began = time.perf_counter()
    await asyncio.gather(*[post(number) for number in range(1, receivers + 1)])
    return time.perf_counter() - began


async def rates(ours: Ours, target: Sink, options: Options) -> Rows:
    """Deliveries a second, medians over the rounds."""
    rows: list[Sequence[str | float]] = []
    for receivers, events in QUICK if options.quick else RATES:
        number = receivers * events
        measured, posted = [], []
        for _ in range(options.rounds):
            target.begin()
            posted.append(number / await plain(target, receivers, events))
            await ours.queue(receivers, events, target.port)
            target.begin()
            measured.append(number / await ours.deliver(target, number))
        ratio = statistics.median(mine / other for mine, other in zip(measured, posted, strict=True))
        rows.append([receivers, number, round(statistics.median(posted)), round(statistics.median(measured)), round(ratio, 2)])
    return Rows("Deliveries a second", ["receivers", "deliveries", "plain posts", "webhooks", "ratio"], rows)


async def hanging(ours: Ours, target: Sink, options: Options) -> Rows:
    """When receivers that answer have their events, with and without others that hang."""
    receivers = 50 if options.quick else MANY
    rows: list[Sequence[str | float]] = []
    for one_in in (0, ONE_IN):
        firsts, lasts = [], []
        for _ in range(options.rounds):
            await ours.queue(receivers, EVENTS, target.port)
            target.begin(one_in)
            prompt = [number for number in range(1, receivers + 1) if not target.hangs(number)]
            began = time.perf_counter()
            await ours.deliver(target, len(prompt) * EVENTS)
            done = sorted(max(target.arrived[number]) - began for number in prompt)
            firsts.append(statistics.median(done))
            lasts.append(done[-1])
        hang = receivers // one_in if one_in else 0
        rows.append([receivers, hang, round(statistics.median(firsts), 2), round(statistics.median(lasts), 2)])
    columns = ["receivers", "of them hang", "s until half of the others have all", "s until all others have all"]
    return Rows(f"{EVENTS} events for each receiver", columns, rows)


async def measure(server: Server, options: Options) -> Sequence[Rows]:
    """Both tables, on one database."""
    database = await server.database("approval")
    await database.migrate("approval", MIGRATIONS)
    store = EventStore(database.service_url, "approval", EVENT_REGISTRY)
    await store.start()
    pool = await open_pool(database.service_url, "approval", size=WEBHOOK_CONNECTIONS, synchronous_commit="off")
    superuser = await asyncpg.connect(database.superuser_url, server_settings={"search_path": "approval"})
    try:
        async with sink() as target:
            ours = Ours(store, pool, superuser)
            return [await rates(ours, target, options), await hanging(ours, target, options)]
    finally:
        with contextlib.suppress(asyncpg.PostgresError):
            await superuser.close()
        await close_pool(pool)
        await store.close()


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__, rounds=3)
    allow_many_files()
    with postgres_server() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        tables = runner.run(measure(server, options))
    for table in tables:
        print_rows(table)
    write_tables(options.json, (), tables)


if __name__ == "__main__":
    main()
