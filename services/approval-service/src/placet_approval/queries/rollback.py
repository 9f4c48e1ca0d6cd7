"""What a model could be rolled back to: the versions that were deployed in an environment before the current one, the last one first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from placet_approval.domain.gate_facts import GateQuestion
from placet_approval.queries.gate import Gate

__all__ = ["RollbackCandidate", "find_rollback_candidates"]

MODEL = "select model_id from known_models where model_id = $1 or name = $1 order by model_id = $1 desc limit 1"
# The newest report of each version, without those that have the bytes that run now. Only so many reports are looked at, along an index.
EARLIER = """
    with reports as materialized (
        select * from known_deployment_reports where model_id = $1 and environment = $2 order by position desc limit 1000
    ), newest as (
        select distinct on (version_id) * from reports order by version_id, position desc
    )
    select n.version_id, v.number, n.sha256, n.reported_at, least(n.ended_at, (
               select a.reported_at from reports a where a.position > n.position order by a.position limit 1)) as ended_at
    from newest n join known_versions v using (version_id)
    where n.sha256 is distinct from (select d.sha256 from known_deployments d where d.model_id = $1 and d.environment = $2)
    order by n.position desc limit $3
"""


@dataclass(frozen=True, slots=True)
class RollbackCandidate:
    """A version that ran there until `ended_at`, and what the gate says of it now."""

    version_id: str
    number: int
    sha256: str
    reported_at: datetime
    ended_at: datetime
    allowed: bool
    decided: bool
    reasons: Sequence[str]


async def find_rollback_candidates(
    pool: asyncpg.Pool, gate: Gate, model: str, environment: str, limit: int
) -> list[RollbackCandidate] | None:
    """The last one first; None when there is no such model. The gate is asked for each of them, by version and digest."""
    model_id = await pool.fetchval(MODEL, model)
    if model_id is None:
        return None
    rows = await pool.fetch(EARLIER, model_id, environment, limit)
    found = []
    for row in rows:
        answer = await gate.ask(GateQuestion(environment, digest=row["sha256"], version_id=row["version_id"]))
        reasons = [reason.code for reason in answer.reasons]
        found.append(RollbackCandidate(**row, allowed=answer.allowed, decided=answer.decided, reasons=reasons))
    return found
