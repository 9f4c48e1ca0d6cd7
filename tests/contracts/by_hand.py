"""What no request brings about: rows written by hand, a service stopped and started."""

from typing import Any

import httpx

from placet_shared.bus.envelope import decode
from placet_shared.bus.parking import park
from placet_shared.event_store import RecordedEvent
from placet_shared.postgres import connect

from .sample_files import events_of


async def execute(url: str, schema: str, statement: str, *args: object) -> None:
    connection = await connect(url, schema)
    try:
        await connection.execute(statement, *args)
    finally:
        await connection.close()


def first_event(installation: Any, source: str, type_: str) -> RecordedEvent:
    headers = {"Authorization": f"Bearer {installation.token('erin')}"}
    page = httpx.get(f"{getattr(installation.addresses, source)}/v1/feed?limit=1000", headers=headers, trust_env=False).raise_for_status()
    return next(event for event in map(decode, events_of(page.content)) if event.type == type_)


async def park_by_hand(url: str, schema: str, consumer: str, event: RecordedEvent) -> None:
    connection = await connect(url, schema)
    try:
        await park(connection, consumer, event, [event.subject], "ValueError: no one knows why")
    finally:
        await connection.close()


def gate_counts_are_flushed(installation: Any) -> None:
    """They are counted in memory until the service stops, or a minute is over."""
    approval = installation.processes["approval"]
    approval.terminate()
    approval.wait()
    installation.start("approval")
    installation.wait_until_ready("approval")
