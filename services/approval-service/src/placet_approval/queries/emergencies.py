"""Open directives, break-glasses and debts, for operators' metrics."""

import asyncpg

from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.meters import Attributes, Meters

__all__ = ["BREAK_GLASSES_OPEN", "DEBTS_OPEN", "DIRECTIVES_OPEN", "measure_emergencies", "measured_by"]

DIRECTIVES_OPEN = Instrument(
    "placet.directives.open", "gauge", "{directive}", "Directives that are not resolved: what runs without a yes.", ("environment", "kind")
)
BREAK_GLASSES_OPEN = Instrument(
    "placet.break_glasses.open", "gauge", "{break_glass}", "Break-glasses that let something in now.", ("environment",)
)
DEBTS_OPEN = Instrument("placet.debts.open", "gauge", "{debt}", "Debts of break-glasses whose review is not signed.", ("environment",))

DIRECTIVES = """
    select e.name as environment, k.kind, count(x.directive_id) as number
    from known_environments e
    cross join unnest(array['alert', 'drain', 'shadow', 'roll_back']) k (kind)
    left join directives x on x.how is null and x.environment = e.name and x.kind = k.kind
    group by e.name, k.kind
"""
GLASSES = """
    select e.name as environment, count(g.glass_id) as number
    from known_environments e
    left join break_glasses g on g.environment = e.name and g.closed_at is null and g.ends_at > statement_timestamp()
    group by e.name
"""
DEBTS = """
    select e.name as environment, count(d.debt_id) as number
    from known_environments e left join debts d on d.environment = e.name and d.settled_at is null group by e.name
"""


def measure_emergencies(meters: Meters, pool: asyncpg.Pool) -> None:
    """Export them as gauges, with a zero for each environment without one, so that an alert ends."""
    meters.asked(DIRECTIVES_OPEN, lambda: measured_by(pool, DIRECTIVES, "environment", "kind"))
    meters.asked(BREAK_GLASSES_OPEN, lambda: measured_by(pool, GLASSES, "environment"))
    meters.asked(DEBTS_OPEN, lambda: measured_by(pool, DEBTS, "environment"))


async def measured_by(pool: asyncpg.Pool, sql: str, *attributes: str) -> list[tuple[float, Attributes]]:
    """One value for each set of these columns."""
    return [(float(row["number"]), {name: row[name] for name in attributes}) for row in await pool.fetch(sql)]
