"""The run of another version that a report is shown beside."""

import asyncpg

__all__ = ["newest_passed"]

# A version's runs for an environment by plans of one name; one by the very version of the plan comes before newer ones by others.
NEWEST_PASSED = """
    select run_id from runs
    where version_id = $1 and environment = $2 and outcome = 'passed' and plan ->> 'name' = $3
    order by (plan ->> 'sha256' = $4) desc, position desc limit 1
"""


async def newest_passed(connection: asyncpg.Pool, version_id: str, environment: str, plan_name: str, plan_sha256: str) -> str | None:
    """Its id; of those by this version of the plan, else by any version of it."""
    run_id: str | None = await connection.fetchval(NEWEST_PASSED, version_id, environment, plan_name, plan_sha256)
    return run_id
