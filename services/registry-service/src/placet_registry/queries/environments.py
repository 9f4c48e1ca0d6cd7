"""The environments in their order."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

__all__ = ["EnvironmentView", "all_environments"]

ENVIRONMENTS = "select name, place, defined_by, defined_at from environments order by place"


@dataclass(frozen=True, slots=True)
class EnvironmentView:
    """`place` counts from 1."""

    name: str
    place: int
    defined_by: str
    defined_at: datetime


async def all_environments(connection: asyncpg.Pool) -> list[EnvironmentView]:
    """In order, from the first to the last."""
    return [EnvironmentView(**row) for row in await connection.fetch(ENVIRONMENTS)]
