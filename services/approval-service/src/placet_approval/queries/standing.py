"""How the installation stands, for its operators: what waits for people, what expires soon, what is deployed without an approval."""

from collections.abc import Sequence
from typing import Literal

import asyncpg

from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.meters import Attributes, Meters

__all__ = [
    "APPROVALS_EXPIRING",
    "DEPLOYMENTS_UNAPPROVED",
    "SIGN_OFFS_AGE",
    "SIGN_OFFS_PENDING",
    "approvals_expiring",
    "deployments_unapproved",
    "measure_standing",
    "sign_offs_pending",
]

Measured = list[tuple[float, Attributes]]

SIGN_OFFS_PENDING = Instrument(
    "placet.sign_offs.pending", "gauge", "{sign_off}", "Sign-offs that wait for people to decide.", ("environment",)
)
SIGN_OFFS_AGE = Instrument(
    "placet.sign_offs.pending.age", "gauge", "s", "For how long the oldest of them has waited; 0 without one.", ("environment",)
)
APPROVALS_EXPIRING = Instrument(
    "placet.approvals.expiring", "gauge", "{approval}",
    "Approvals that expire within a day and have no successor, of versions that are deployed there (`deployed` is true) or not.",
    ("environment", "deployed"),
)  # fmt: skip
DEPLOYMENTS_UNAPPROVED = Instrument(
    "placet.deployments.unapproved", "gauge", "{deployment}",
    "What runs without a yes in force where the policy asks for signatures; `cause`: `expired`, `ended` (revoked, suspended, invalidated,"
    " or a no on the same bytes) or `none` (there never was one, or a break-glass that is over).",
    ("environment", "cause"),
)  # fmt: skip

# Ids are made in the order of time, so the smallest one of the index is the oldest.
PENDING = """
    select e.name as environment, coalesce(number, 0) as number, coalesce(extract(epoch from statement_timestamp() - (
        select s.requested_at from sign_offs s where s.sign_off_id = oldest
    )), 0) as age
    from known_environments e left join (
        select environment, count(*) as number, min(sign_off_id) as oldest from sign_offs where state = 'pending' group by environment
    ) p on p.environment = e.name
"""
# Subqueries with an answer of their own, each one step along the index of the bytes: a join would go through all sign-offs, and a
# condition on the model through all of a busy one.
EXPIRING = """
    with expiring as (
        select s.environment, coalesce((
            select d.sha256 = s.artifact_sha256 from known_deployments d where d.model_id = s.model_id and d.environment = s.environment
        ), false) as deployed
        from sign_offs s
        where s.state = 'approved' and s.expires_at > statement_timestamp() and s.expires_at <= statement_timestamp() + interval '1 day'
          and not (
            select coalesce(bool_or(o.expires_at > s.expires_at and o.model_id = s.model_id and o.state = 'approved'), false)
            from sign_offs o where o.artifact_sha256 = s.artifact_sha256 and o.environment = s.environment
          )
    )
    select e.name as environment, count(*) filter (where x.deployed) as true, count(*) filter (where not x.deployed) as false
    from known_environments e left join expiring x on x.environment = e.name group by e.name
"""
UNAPPROVED = """
    select p.environment, count(*) filter (where u.because = 'expired') as expired,
           count(*) filter (where u.because in ('revoked', 'suspended', 'invalidated')) as ended,
           count(*) filter (where u.because in ('never', 'break_glass')) as none
    from (select distinct environment from policies) p left join deployments_without_yes u on u.environment = p.environment
    where may_ask_for_signatures(p.environment)
    group by p.environment
"""


def measure_standing(meters: Meters, pool: asyncpg.Pool) -> None:
    """Export these as gauges, with a zero for each environment without one, so that an alert ends."""
    meters.asked(SIGN_OFFS_PENDING, lambda: sign_offs_pending(pool, "number"))
    meters.asked(SIGN_OFFS_AGE, lambda: sign_offs_pending(pool, "age"))
    meters.asked(APPROVALS_EXPIRING, lambda: approvals_expiring(pool))
    meters.asked(DEPLOYMENTS_UNAPPROVED, lambda: deployments_unapproved(pool))


async def sign_offs_pending(pool: asyncpg.Pool, what: Literal["number", "age"]) -> Measured:
    """By environment; the age is that of the oldest one, in seconds."""
    return [(float(row[what]), {"environment": row["environment"]}) for row in await pool.fetch(PENDING)]


async def approvals_expiring(pool: asyncpg.Pool) -> Measured:
    """Within a day, by environment and whether the version is deployed there."""
    return _of_columns(await pool.fetch(EXPIRING), "deployed", ("true", "false"))


async def deployments_unapproved(pool: asyncpg.Pool) -> Measured:
    """By environment and cause."""
    return _of_columns(await pool.fetch(UNAPPROVED), "cause", ("expired", "ended", "none"))


def _of_columns(rows: Sequence[asyncpg.Record], attribute: str, columns: Sequence[str]) -> Measured:
    return [(row[column], {"environment": row["environment"], attribute: column}) for row in rows for column in columns]
