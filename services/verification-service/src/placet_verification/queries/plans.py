"""Plans: the current one of each environment, and every version there was."""

from typing import Any

import asyncpg
import orjson

__all__ = ["current_plans", "plan_version", "plan_versions"]

PLAN = """
    select p.environment, p.version, p.plan_id, p.name, p.sha256, p.document, p.published_by, p.published_at, t.body as text
    from plans p left join texts t on t.id = p.text_id
"""
CURRENT_PLANS = PLAN + "where p.version = (select max(n.version) from plans n where n.environment = p.environment) order by p.environment"
PLAN_VERSIONS = PLAN + "where p.environment = $1 order by p.version desc"
PLAN_VERSION = PLAN + "where p.environment = $1 and ($2::integer is null or p.version = $2) order by p.version desc limit 1"


async def current_plans(connection: asyncpg.Pool) -> list[dict[str, Any]]:
    """The plan that counts now, for every environment that has one."""
    return [_plan(row) for row in await connection.fetch(CURRENT_PLANS)]


async def plan_versions(connection: asyncpg.Pool, environment: str) -> list[dict[str, Any]]:
    """The newest first."""
    return [_plan(row) for row in await connection.fetch(PLAN_VERSIONS, environment)]


async def plan_version(connection: asyncpg.Pool, environment: str, version: int | None) -> dict[str, Any] | None:
    """One version, without a number the current one; None when there is none."""
    row = await connection.fetchrow(PLAN_VERSION, environment, version)
    return _plan(row) if row else None


def _plan(row: asyncpg.Record) -> dict[str, Any]:
    facts = {name: row[name] for name in ("environment", "version", "name", "sha256", "published_by", "published_at", "text")}
    return {"id": row["plan_id"], **facts, "document": orjson.loads(row["document"])}
