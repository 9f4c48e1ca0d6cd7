"""Runs: one, a search, and the report of one that has ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from placet_verification.domain.reasons import in_words

__all__ = ["RunDetailView", "RunSearch", "RunView", "result_body", "run_by_id", "run_observations", "search_runs"]

# A run without an outcome is queued, or running when some worker's lease holds.
# `statement_timestamp` is the same for all rows; `clock_timestamp` would keep the planner from reading the newest rows alone.
RUN = """
    select r.run_id, r.model_id, r.version_id, r.environment, r.plan, r.artifact_sha256, r.dataset_sha256, r.result_sha256,
           r.reason_code, r.checks, r.stream_version, r.requested_by, r.requested_at, r.ended_at, r.position,
           coalesce(r.outcome, case when j.lease_until > statement_timestamp() then 'running' else 'queued' end) as status
    from runs r left join jobs j using (run_id)
"""
RUN_BY_ID = RUN + "where r.run_id = $1"
SEARCH_RUNS = (
    "select * from ("
    + RUN
    + """) r
    where ($1::bigint is null or r.position < $1)
      and ($2::text is null or r.model_id = $2)
      and ($3::text is null or r.version_id = $3)
      and ($4::text is null or r.environment = $4)
      and ($5::text is null or r.status = $5)
    order by r.position desc
    limit $6
"""
)
ATTEMPTS = """
    select number, worker, started_at, heartbeat_at, ended_at, outcome, reason_code, facts
    from attempts where run_id = $1 order by number
"""
RESULT = "select body from results where sha256 = $1"
OBSERVATIONS = "select observations from attempts where run_id = $1 and outcome in ('passed', 'failed', 'errored')"


@dataclass(frozen=True, slots=True)
class RunSearch:
    """Filters; None does not restrict."""

    model_id: str | None = None
    version_id: str | None = None
    environment: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as it is now; `detail` and `resolve` put `reason_code` into words, `revision` is its stream's version."""

    id: str
    status: str
    model_id: str
    version_id: str
    environment: str
    plan: Mapping[str, Any]
    artifact_sha256: str
    dataset_sha256: str
    result_sha256: str | None
    reason_code: str | None
    requested_by: str
    requested_at: datetime
    ended_at: datetime | None
    detail: str | None
    resolve: str | None
    checks: Sequence[Mapping[str, Any]] | None
    revision: int


@dataclass(frozen=True, slots=True)
class RunDetailView(RunView):
    """With its attempts, the first one first."""

    attempts: Sequence[Mapping[str, Any]]


async def run_by_id(connection: asyncpg.Pool, run_id: str) -> RunDetailView | None:
    """The run with its attempts, or None."""
    row = await connection.fetchrow(RUN_BY_ID, run_id)
    if row is None:
        return None
    attempts = [{**attempt, "facts": orjson.loads(attempt["facts"])} for attempt in await connection.fetch(ATTEMPTS, run_id)]
    return RunDetailView(**_members(row), attempts=attempts)


async def search_runs(connection: asyncpg.Pool, search: RunSearch, before: int | None, limit: int) -> list[tuple[int, RunView]]:
    """Up to `limit` runs with their positions, newest first, from the one before position `before` on."""
    wanted = (search.model_id, search.version_id, search.environment, search.status)
    return [(row["position"], RunView(**_members(row))) for row in await connection.fetch(SEARCH_RUNS, before, *wanted, limit)]


async def result_body(connection: asyncpg.Pool, sha256: str) -> bytes | None:
    """The exact bytes of a result."""
    body: bytes | None = await connection.fetchval(RESULT, sha256)
    return body


async def run_observations(connection: asyncpg.Pool, run_id: str) -> bytes:
    """The run's observations as JSON; an empty object until it has ended."""
    text: str | None = await connection.fetchval(OBSERVATIONS, run_id)
    return (text or "{}").encode()


def _members(row: asyncpg.Record) -> dict[str, Any]:
    subject = ("model_id", "version_id", "environment")
    bound = ("artifact_sha256", "dataset_sha256")
    ends = ("result_sha256", "reason_code", "requested_by", "requested_at", "ended_at")
    detail, resolve = in_words(row["reason_code"]) if row["reason_code"] else (None, None)
    return {
        "id": row["run_id"],
        "status": row["status"],
        **{name: row[name] for name in subject},
        "plan": orjson.loads(row["plan"]),
        **{name: row[name] for name in (*bound, *ends)},
        "detail": detail,
        "resolve": resolve,
        "checks": orjson.loads(row["checks"]) if row["checks"] else None,
        "revision": row["stream_version"],
    }
