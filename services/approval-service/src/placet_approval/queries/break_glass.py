"""Break-glasses with all that they let in, and the debts that they left with their reviews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import asyncpg
import orjson

from placet_approval.queries.said import holder, said

__all__ = ["BreakGlassView", "DebtView", "list_break_glasses", "list_debts", "read_break_glass", "read_debt"]

NAMED = "left join known_models m on m.model_id = {0}.model_id left join known_versions v on v.version_id = {0}.version_id"
GLASS = f"""
    select g.glass_id as id,
           case when g.closed_at is not null then 'closed' when g.ends_at <= statement_timestamp() then 'over' else 'open' end as state,
           g.model_id, m.name as model, g.version_id, v.number, g.artifact_sha256, g.environment, g.incident,
           {holder("g.opened_by")} as opened_by, {said("g")} as reason, g.opened_at, g.ends_at, {holder("g.closed_by")} as closed_by,
           g.closed_at, g.debt_id, {{decisions}} as decisions
    from break_glasses g {NAMED.format("g")}
"""
# A decision by it is made before its end, so that there is an end to them; the newest come first.
DECISIONS = f"""
    coalesce((
        select json_agg(json_build_object('decision_id', d.decision_id, 'decided_at', d.decided_at, 'reasons', d.reasons,
                                          'valid_until', d.valid_until, 'decided_by', {holder("d.decided_by")}) order by d.decision_id desc)
        from (select * from gate_decisions where break_glass = g.glass_id order by decision_id desc limit 1000) d), '[]')
"""
NO_DECISIONS = "null::json"
LIST_GLASSES = f"""
    {GLASS.format(decisions=NO_DECISIONS)}
    where (not $1 or (g.closed_at is null and g.ends_at > statement_timestamp())) and ($2::text is null or g.environment = $2)
      and ($3::text is null or g.glass_id < $3)
    order by g.glass_id desc limit $4
"""
READ_GLASS = f"{GLASS.format(decisions=DECISIONS)} where g.glass_id = $1"
REVIEWS = f"""
    coalesce((
        select json_agg(json_build_object('by', {holder("r.person_id")}, 'role', r.role, 'at', r.reviewed_at, 'said', {said("r")})
                        order by r.reviewed_at)
        from debt_reviews r where r.debt_id = d.debt_id), '[]')
"""
DEBT = f"""
    select d.debt_id as id, case when d.settled_at is null then 'open' else 'settled' end as state, d.glass_id, d.model_id,
           m.name as model, d.version_id, v.number, d.artifact_sha256, d.environment, d.incident, {holder("d.opened_by")} as opened_by,
           d.signatures, {REVIEWS} as reviews, d.incurred_at, d.settled_at, d.stream_version
    from debts d {NAMED.format("d")}
"""
LIST_DEBTS = f"""
    {DEBT}
    where {{state}} and ($1::text is null or d.environment = $1) and ($2::text is null or d.model_id = $2 or m.name = $2)
      and ($3::text is null or d.debt_id < $3)
    order by d.debt_id desc limit $4
"""
READ_DEBT = f"{DEBT} where d.debt_id = $1"
JSON_COLUMNS = ("opened_by", "closed_by", "reason", "decisions", "signatures", "reviews")


@dataclass(frozen=True, slots=True)
class BreakGlassView:
    """One break-glass; `decisions` are the gate's answers that it allowed, null in a list."""

    id: str
    state: Literal["open", "over", "closed"]
    model_id: str
    model: str | None
    version_id: str
    number: int | None
    artifact_sha256: str
    environment: str
    incident: str
    opened_by: Mapping[str, Any]
    reason: Mapping[str, Any]
    opened_at: datetime
    ends_at: datetime
    closed_by: Mapping[str, Any] | None
    closed_at: datetime | None
    debt_id: str
    decisions: Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class DebtView:
    """One debt: who must review what, and who has."""

    id: str
    state: Literal["open", "settled"]
    glass_id: str
    model_id: str
    model: str | None
    version_id: str
    number: int | None
    artifact_sha256: str
    environment: str
    incident: str
    opened_by: Mapping[str, Any]
    signatures: Sequence[Mapping[str, Any]]
    reviews: Sequence[Mapping[str, Any]]
    incurred_at: datetime
    settled_at: datetime | None
    stream_version: int


async def list_break_glasses(
    pool: asyncpg.Pool, only_open: bool, environment: str | None, before: str | None, limit: int
) -> Sequence[BreakGlassView]:
    """Newest first."""
    rows = await pool.fetch(LIST_GLASSES, only_open, environment, before, limit)
    return [BreakGlassView(**_plain(row)) for row in rows]


async def read_break_glass(pool: asyncpg.Pool, glass_id: str) -> BreakGlassView | None:
    """None when there is none."""
    row = await pool.fetchrow(READ_GLASS, glass_id)
    return BreakGlassView(**_plain(row)) if row else None


async def list_debts(
    pool: asyncpg.Pool, only_open: bool, environment: str | None, model: str | None, before: str | None, limit: int
) -> Sequence[DebtView]:
    """Newest first."""
    state = "d.settled_at is null" if only_open else "true"
    rows = await pool.fetch(LIST_DEBTS.format(state=state), environment, model, before, limit)
    return [DebtView(**_plain(row)) for row in rows]


async def read_debt(pool: asyncpg.Pool, debt_id: str) -> DebtView | None:
    """None when there is none."""
    row = await pool.fetchrow(READ_DEBT, debt_id)
    return DebtView(**_plain(row)) if row else None


def _plain(row: asyncpg.Record) -> dict[str, Any]:
    return {**row, **{name: orjson.loads(row[name]) for name in JSON_COLUMNS if row.get(name)}}
