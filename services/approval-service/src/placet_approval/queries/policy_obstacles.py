"""What a policy would need that is not there: read before it is defined."""

from collections.abc import Sequence

import asyncpg

from placet_approval.domain.policy_terms import PolicyTerms
from placet_approval.domain.reachable_quorum import Obstacle, SignerGroup, obstacles

__all__ = ["find_obstacles"]

ENVIRONMENT_KNOWN = "select exists (select from known_environments where name = $1)"
# People who have the same of the policy's roles are interchangeable.
SIGNERS = """
    select held, count(*) as people
    from (select array(select r from unnest(roles) r where r = any ($1) order by r) as held from people where active and roles && $1) p
    group by held
"""


async def find_obstacles(pool: asyncpg.Pool, terms: PolicyTerms) -> Sequence[Obstacle]:
    """As of now; all of them may be gone tomorrow."""
    known = await pool.fetchval(ENVIRONMENT_KNOWN, terms.environment)
    rows = await pool.fetch(SIGNERS, sorted(terms.named_roles))
    return list(obstacles(terms, known, [SignerGroup(frozenset(row["held"]), row["people"]) for row in rows]))
