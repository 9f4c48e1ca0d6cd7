"""For which models a policy that is written now would be."""

from collections.abc import Sequence

import asyncpg

from placet_approval.domain.written_policy import WrittenPolicy

__all__ = ["concerned_models"]

SHOWN = 10
CONCERNED = f"""
    select m.name, count(*) over () as in_all from known_models m
    where plan_fits($1, $2, $3, plan_keys($4, m.model_id, m.name, m.tags), m.name)
    order by m.name limit {SHOWN}
"""


async def concerned_models(pool: asyncpg.Pool, written: WrittenPolicy) -> tuple[Sequence[str], int]:
    """The first ten names, and how many there are in all; a more specific policy may be in force for some of them."""
    selector = written.selector
    lookup = [f"{written.environment} {key}" for key in selector.lookup_keys]
    rows = await pool.fetch(CONCERNED, lookup, selector.every_model, selector.like_patterns, written.environment)
    return [row["name"] for row in rows], rows[0]["in_all"] if rows else 0
