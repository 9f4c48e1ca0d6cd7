"""The run of another version that a report is shown beside."""

import asyncpg

from placet_shared.postgres.led_pages import Arguments, Leading, newest_first

__all__ = ["newest_passed"]


async def newest_passed(connection: asyncpg.Pool, version_id: str, environment: str, plan_name: str, plan_sha256: str) -> str | None:
    """Its id; of those by this version of the plan, else by any version of it. Read along the index of a version's runs."""
    for member, value in (("sha256", plan_sha256), ("name", plan_name)):
        args = Arguments()
        conditions = [f"environment = {args.add(environment)}", "outcome = 'passed'", f"plan ->> '{member}' = {args.add(value)}"]
        page = newest_first("runs", [Leading(("version_id",), [version_id])], conditions, args, before=None, limit=1)
        run_id: str | None = await connection.fetchval(f"select run_id from ({page}) newest", *args)
        if run_id is not None:
            return run_id
    return None
