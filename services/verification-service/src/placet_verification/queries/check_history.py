"""What a check has found over a model's versions and over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import orjson

from placet_verification.domain.upcasting import full_summaries

__all__ = ["CheckHistoryEntry", "check_history"]

# Along the index of a model's runs, from the newest on.
HISTORY = """
    select run_id, version_id, environment, plan, outcome, ended_at, position,
           (select c from json_array_elements(checks) c where c ->> 'check_id' = $2 limit 1) as found
    from runs
    where model_id = $1 and ($3::text is null or environment = $3) and ($4::bigint is null or position < $4)
      and exists (select from json_array_elements(checks) c where c ->> 'check_id' = $2)
    order by position desc limit $5
"""


@dataclass(frozen=True, slots=True)
class CheckHistoryEntry:
    """One run's worst record of the check."""

    run_id: str
    version_id: str
    environment: str
    plan: str
    plan_version: int
    outcome: str
    ended_at: datetime
    status: str
    metric: str | None
    value: float | None
    ci: Sequence[float] | None
    comparator: str | None
    threshold: float | None
    n: int | None
    reason_code: str | None


async def check_history(
    connection: asyncpg.Pool, model_id: str, check_id: str, environment: str | None, before: int | None, limit: int
) -> list[tuple[int, CheckHistoryEntry]]:
    """Up to `limit` entries with their positions, newest first, from the one before position `before` on."""
    rows = await connection.fetch(HISTORY, model_id, check_id, environment, before, limit)
    return [(row["position"], _entry(row)) for row in rows]


def _entry(row: asyncpg.Record) -> CheckHistoryEntry:
    plan, [found] = orjson.loads(row["plan"]), full_summaries([orjson.loads(row["found"])])
    names = ("status", "metric", "value", "ci", "comparator", "threshold", "n", "reason_code")
    return CheckHistoryEntry(
        run_id=row["run_id"],
        version_id=row["version_id"],
        environment=row["environment"],
        plan=plan["name"],
        plan_version=plan["version"],
        outcome=row["outcome"],
        ended_at=row["ended_at"],
        **{name: found[name] for name in names},
    )
