"""The environments in their order."""

from typing import Any

import asyncpg

__all__ = ["all_environments"]

ENVIRONMENTS = "select name, place, defined_by, defined_at from environments order by place"


async def all_environments(connection: asyncpg.Pool) -> list[dict[str, Any]]:
    """From the first to the last."""
    return [dict(row) for row in await connection.fetch(ENVIRONMENTS)]
