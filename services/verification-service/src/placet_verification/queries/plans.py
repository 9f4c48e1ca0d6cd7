"""Plans: the current one of each environment, and every version there was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

__all__ = ["PlanView", "current_plans", "plan_version", "plan_versions"]

PLAN = """
    select p.environment, p.version, p.plan_id, p.name, p.sha256, p.document, p.published_by, p.published_at, t.body as text
    from plans p left join texts t on t.id = p.text_id
"""
# From one environment to the next, however many versions their plans have had.
CURRENT_PLANS = (
    """
    with recursive current (environment) as (
        select min(environment) from plans
        union all
        select (select min(p.environment) from plans p where p.environment > c.environment) from current c where c.environment is not null
    )
    """
    + PLAN
    + """
    join current c on c.environment = p.environment
    where p.version = (select max(n.version) from plans n where n.environment = c.environment) order by p.environment
    """
)
PLAN_VERSIONS = PLAN + "where p.environment = $1 order by p.version desc"
PLAN_VERSION = PLAN + "where p.environment = $1 and ($2::integer is null or p.version = $2) order by p.version desc limit 1"


@dataclass(frozen=True, slots=True)
class PlanView:
    """One version of a plan; `text` is the document as it was written, None when it was erased."""

    id: str
    environment: str
    version: int
    name: str
    sha256: str
    published_by: str
    published_at: datetime
    text: str | None
    document: Mapping[str, Any]


async def current_plans(connection: asyncpg.Pool) -> list[PlanView]:
    """The plan in force of every environment that has one."""
    return [_plan(row) for row in await connection.fetch(CURRENT_PLANS)]


async def plan_versions(connection: asyncpg.Pool, environment: str) -> list[PlanView]:
    """The newest first."""
    return [_plan(row) for row in await connection.fetch(PLAN_VERSIONS, environment)]


async def plan_version(connection: asyncpg.Pool, environment: str, version: int | None) -> PlanView | None:
    """One version, without a number the current one; None when there is none."""
    row = await connection.fetchrow(PLAN_VERSION, environment, version)
    return _plan(row) if row else None


def _plan(row: asyncpg.Record) -> PlanView:
    return PlanView(
        id=row["plan_id"],
        environment=row["environment"],
        version=row["version"],
        name=row["name"],
        sha256=row["sha256"],
        published_by=row["published_by"],
        published_at=row["published_at"],
        text=row["text"],
        document=orjson.loads(row["document"]),
    )
