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
        select *, lead(reported_at) over (order by position) as replaced_at from (
            select * from known_deployment_reports where model_id = $1 and environment = $2 order by position desc limit 200
        ) r
    ), earlier as (
        select * from (select distinct on (version_id) * from reports order by version_id, position desc) n
        where n.sha256 is distinct from (select d.sha256 from known_deployments d where d.model_id = $1 and d.environment = $2)
        order by n.position desc limit $3
    )
    select e.version_id, (select v.number from known_versions v where v.version_id = e.version_id) as number, e.sha256, e.reported_at,
           least(e.ended_at, e.replaced_at) as ended_at
    from earlier e order by e.position desc
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
