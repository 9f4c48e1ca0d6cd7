"""The process is killed in the middle of deliveries, again and again: each event reaches the receiver, in order, and none is lost."""

import asyncio
import signal

import pytest

from forking import fork_program
from placet_approval.workers.webhook_delivery import RUN
from placet_shared.testing import eventually

from ..conftest import Site, serving
from .conftest import NETWORKS, Receiver, ReceiverApp, receiving

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

EVENTS = 90
KILLED_AFTER = (1, 17, 45)
QUEUED = "select v.event_id::text as id from webhook_deliveries d join webhook_events v using (event_id) order by d.seq"


async def queued(site: Site, receiver: Receiver) -> list[str]:
    """The ids of as many events, which wait for the receiver: it was not there when they happened."""
    async with serving(site) as service:
        added = await service.dora.post("/v1/webhooks", {"url": receiver.url, "types": ["ServiceAccountAdded"]})
        assert added.status_code == 201, added.text
        for number in range(EVENTS):
            await service.account(f"account-{number}", "pipeline")

        async def all_queued() -> bool:
            return len(await site.fetch(QUEUED)) == EVENTS

        await eventually(all_queued)
    return [row["id"] for row in await site.fetch(QUEUED)]


async def delivers_until(site: Site, receiver: Receiver, number: int) -> None:
    """A new process, which is killed when so many events have arrived.

    Pauses and the lease of the one before are over, as they are by themselves after half a minute.
    """
    await site.fetch("update webhook_deliveries set next_attempt_at = clock_timestamp() where state = 'pending'")
    await site.fetch("update webhook_endpoints set busy_until = null")
    process = await fork_program("placet_approval", env=site.environment(**{NETWORKS: "127.0.0.0/8"}))
    try:
        await eventually(lambda: len({*_ids(receiver)}) >= number)
    finally:
        process.kill()
        assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL


async def test_events_reach_the_receiver_though_the_process_is_killed_while_it_delivers(site: Site) -> None:
    async with receiving(ReceiverApp(status=503)) as receiver:
        wanted = await queued(site, receiver)
        receiver.app.status = 204
        for number in (*KILLED_AFTER, EVENTS):
            await delivers_until(site, receiver, number)
        came = _ids(receiver)
    assert list(dict.fromkeys(came)) == wanted
    assert len(came) <= len(wanted) + RUN * len(KILLED_AFTER)


def _ids(receiver: Receiver) -> list[str]:
    return [one.headers["webhook-id"] for one in receiver.app.received]
