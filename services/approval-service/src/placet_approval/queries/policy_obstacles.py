"""What a policy would need that is not there: read before it is defined."""

from collections.abc import Sequence

import asyncpg

from placet_approval.domain.policy_floor import FloorTerms
from placet_approval.domain.policy_terms import PolicyTerms
from placet_approval.domain.quorum_while_absent import absence_obstacle
from placet_approval.domain.reachable_quorum import Obstacle, obstacles
from placet_approval.queries.signer_groups import find_signers

__all__ = ["find_obstacles"]

ENVIRONMENT_KNOWN = "select exists (select from known_environments where name = $1)"


async def find_obstacles(pool: asyncpg.Pool, terms: PolicyTerms | FloorTerms) -> Sequence[Obstacle]:
    """As of now; all of them may be gone tomorrow."""
    known = await pool.fetchval(ENVIRONMENT_KNOWN, terms.environment)
    signers = await find_signers(pool, terms.named_roles, terms.environment)
    absent = absence_obstacle(terms.signatures, signers)
    return [*obstacles(terms, known, signers.everyone), *([absent] if absent else [])]
