"""Models by id or name."""

from collections.abc import Sequence

import asyncpg

__all__ = ["model_ids"]

IDS = "select model_id from known_models where name = $1 and model_id <> $1 order by model_id"


async def model_ids(connection: asyncpg.Connection, id_or_name: str) -> Sequence[str]:
    """The matching ids: looked up first, since a query with an `or` would read all rows."""
    return [id_or_name, *[row["model_id"] for row in await connection.fetch(IDS, id_or_name)]]
