"""Plans: those in force, and every version there was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from placet_verification.domain.upcasting import full_form

__all__ = ["PlanView", "current_plans", "plan_version", "plan_versions"]

PLAN = """
    select p.environments, p.version, p.plan_id, p.name, p.sha256, p.document, p.in_force, p.withdrawn_at, p.published_by, p.published_at,
           t.body as text
    from plans p left join texts t on t.id = p.text_id
"""
CURRENT_PLANS = (
    PLAN
    + """
    where p.in_force and ($1::text is null or $1 = any (p.environments)) and ($2::text is null or (p.name, p.plan_id) > ($2, $3))
    order by p.name, p.plan_id limit $4
    """
)
# A name may belong to several plans, as long as a plan was an environment's.
OF_NAME = """
    where p.plan_id = (
        select n.plan_id from plans n
        where n.name = $1 and n.version = (select max(version) from plans m where m.plan_id = n.plan_id)
        order by n.environments && $2::text[] desc, n.in_force desc, n.position desc limit 1
    )
"""
PLAN_VERSIONS = PLAN + OF_NAME + "and ($3::integer is null or p.version < $3) order by p.version desc limit $4"
PLAN_VERSION = PLAN + OF_NAME + "and ($3::integer is null or p.version = $3) order by p.version desc limit 1"


@dataclass(frozen=True, slots=True)
class PlanView:
    """One version of a plan; `text` is the document as it was written, None when it was erased."""

    id: str
    name: str
    version: int
    environments: Sequence[str]
    sha256: str
    in_force: bool
    withdrawn_at: datetime | None
    published_by: str
    published_at: datetime
    text: str | None
    document: Mapping[str, Any]


async def current_plans(connection: asyncpg.Pool, environment: str | None, after: tuple[str, str] | None, limit: int) -> list[PlanView]:
    """Up to `limit` plans in force, in one environment or anywhere, by name, from the one after this name and id on."""
    name, plan_id = after or (None, None)
    return [_plan(row) for row in await connection.fetch(CURRENT_PLANS, environment, name, plan_id, limit)]


async def plan_versions(connection: asyncpg.Pool, name: str, before: int | None, limit: int) -> list[PlanView]:
    """Up to `limit`, the newest first, from the one before this version on."""
    return [_plan(row) for row in await connection.fetch(PLAN_VERSIONS, name, [], before, limit)]


async def plan_version(connection: asyncpg.Pool, name: str, version: int | None, environments: Sequence[str] = ()) -> PlanView | None:
    """One version, without a number the newest one; None when there is none. Of several old plans that of these environments."""
    row = await connection.fetchrow(PLAN_VERSION, name, list(environments), version)
    return _plan(row) if row else None


def _plan(row: asyncpg.Record) -> PlanView:
    return PlanView(
        id=row["plan_id"],
        document=full_form(orjson.loads(row["document"])),
        **{
            name: row[name]
            for name in (
                "name", "version", "environments", "sha256", "in_force", "withdrawn_at", "published_by", "published_at", "text",
            )
        },
    )  # fmt: skip
