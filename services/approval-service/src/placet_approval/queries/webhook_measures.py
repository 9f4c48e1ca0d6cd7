"""How deliveries to webhooks stand, for operators: what waits, for how long, and what was given up."""

from functools import partial

import asyncpg

from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.meters import Attributes, Meters

__all__ = ["DELIVERIES_AGE", "DELIVERIES_PARKED", "DELIVERIES_PENDING", "measure_webhooks"]

DELIVERIES_PENDING = Instrument(
    "placet.webhooks.pending", "gauge", "{delivery}", "Events that wait to be delivered to a webhook that is enabled."
)
DELIVERIES_AGE = Instrument("placet.webhooks.pending.age", "gauge", "s", "For how long the oldest of them has waited; 0 without one.")
DELIVERIES_PARKED = Instrument(
    "placet.webhooks.parked", "gauge", "{delivery}",
    "Events that could not be delivered within a day, until they are delivered by hand or are 30 days old.",
)  # fmt: skip
PENDING = """
    select count(*) from webhook_deliveries d join webhooks w using (webhook_id) where d.state = 'pending' and w.enabled
"""
# Of each webhook the first in its queue, which is its oldest.
AGE = """
    select coalesce(extract(epoch from statement_timestamp() - min(v.queued_at)), 0)
    from webhooks w
    cross join lateral (
        select event_id from webhook_deliveries d
        where d.webhook_id = w.webhook_id and d.state = 'pending' and d.holds order by d.seq limit 1
    ) d
    join webhook_events v using (event_id) where w.enabled
"""
PARKED = "select count(*) from webhook_deliveries d join webhooks w using (webhook_id) where d.state = 'parked' and w.enabled"


def measure_webhooks(meters: Meters, pool: asyncpg.Pool) -> None:
    """Export these as gauges."""
    for instrument, sql in ((DELIVERIES_PENDING, PENDING), (DELIVERIES_AGE, AGE), (DELIVERIES_PARKED, PARKED)):
        meters.asked(instrument, partial(_asked, pool, sql))


async def _asked(pool: asyncpg.Pool, sql: str) -> list[tuple[float, Attributes]]:
    return [(float(await pool.fetchval(sql)), {})]
