"""Runs: one, a search, and the report of one that has ended."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from placet_shared.measured import measured_of_summaries
from placet_shared.postgres.led_pages import Arguments, Leading, newest_first
from placet_verification.domain.reasons import in_words
from placet_verification.domain.upcasting import full_summaries

__all__ = ["RunDetailView", "RunSearch", "RunView", "result_body", "run_by_id", "run_observations", "runs_by_id", "search_runs"]

# A run without an outcome is queued, or running when some worker's lease holds.
# `statement_timestamp` is the same for all rows; `clock_timestamp` would keep the planner from reading the newest rows alone.
RUN = """
    select r.run_id, r.model_id, r.version_id, r.environment, r.plan, r.artifact_sha256, r.datasets, r.champion, r.result_sha256,
           r.measured_sha256, r.reason_code, r.checks, r.stream_version, r.requested_by, r.requested_at, r.ended_at, r.position,
           r.cancelled_by, (select t.body from texts t where t.id = r.text_id) as cancel_reason,
           coalesce(r.outcome, case when exists (
               select from jobs j where j.run_id = r.run_id and j.lease_until > statement_timestamp()) then 'running' else 'queued' end
           ) as status
    from {runs} r
"""
RUNS_BY_ID = RUN.format(runs="runs") + "where r.run_id = any ($1)"
SEARCH_RUNS = RUN + "order by r.position desc"
OUTCOME = "coalesce(outcome, 'open')"
# Columns that lead an index, the most selective ones first.
INDEXED = (("version_id",), ("environment", "model_id"), ("model_id",), ("environment",), ())
INDEXED_BY_OUTCOME = (("version_id",), (OUTCOME, "model_id"), (OUTCOME, "environment"), (OUTCOME,))
# Workers hold few runs at a time.
HELD = """
    with held as materialized (
        select * from runs where outcome is null and run_id = any (array(select run_id from jobs where lease_until > statement_timestamp()))
    )
"""
IS_HELD = "exists (select from jobs j where j.run_id = runs.run_id and j.lease_until > statement_timestamp())"
ATTEMPTS = """
    select run_id, number, worker, started_at, heartbeat_at, ended_at, outcome, reason_code, facts, observations -> 'held_out' as held_out
    from attempts where run_id = any ($1) order by number
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
    """A run as it is now; `dataset_sha256` is the evaluation data among `datasets`, `detail` and `resolve` say why there is no result,
    `cancel_reason` is None where it was not cancelled or the text was erased, `revision` is its stream's version."""

    id: str
    status: str
    model_id: str
    version_id: str
    environment: str
    plan: Mapping[str, Any]
    artifact_sha256: str
    datasets: Sequence[Mapping[str, str]]
    dataset_sha256: str | None
    champion: Mapping[str, str | None] | None
    result_sha256: str | None
    measured_sha256: str | None
    reason_code: str | None
    requested_by: str
    requested_at: datetime
    ended_at: datetime | None
    cancelled_by: str | None
    cancel_reason: str | None
    detail: str | None
    resolve: str | None
    checks: Sequence[Mapping[str, Any]] | None
    revision: int


@dataclass(frozen=True, slots=True)
class RunDetailView(RunView):
    """With its attempts, the first one first; `place` is filled in for those who look at one run that waits. `held_out` is false when the
    lineage named its evaluation data as training data as it ended; None where that is not known."""

    attempts: Sequence[Mapping[str, Any]]
    held_out: bool | None = None
    place: int | None = None


async def run_by_id(connection: asyncpg.Pool, run_id: str) -> RunDetailView | None:
    """The run with its attempts, or None."""
    return (await runs_by_id(connection, [run_id])).get(run_id)


async def runs_by_id(connection: asyncpg.Pool, run_ids: Collection[str]) -> Mapping[str, RunDetailView]:
    """Those of these runs that exist, in two statements for any number of them."""
    rows = await connection.fetch(RUNS_BY_ID, run_ids)
    attempts: dict[str, list[Mapping[str, Any]]] = {row["run_id"]: [] for row in rows}
    held_out: dict[str, bool] = {}
    for attempt in await connection.fetch(ATTEMPTS, list(attempts)):
        attempts[attempt["run_id"]].append(_attempt(attempt))
        if attempt["held_out"] is not None:
            held_out[attempt["run_id"]] = attempt["held_out"] == "true"
    return {
        row["run_id"]: RunDetailView(**_members(row), attempts=attempts[row["run_id"]], held_out=held_out.get(row["run_id"]))
        for row in rows
    }


async def search_runs(connection: asyncpg.Pool, search: RunSearch, before: int | None, limit: int) -> list[tuple[int, RunView]]:
    """Up to `limit` runs with their positions, newest first, from the one before position `before` on."""
    args = Arguments()
    page = _page(search, args, before, limit)
    rows = await connection.fetch(SEARCH_RUNS.format(runs=f"({page})"), *args)
    return [(row["position"], RunView(**_members(row))) for row in rows]


def _page(search: RunSearch, args: Arguments, before: int | None, limit: int) -> str:
    asked = {name: value for name in ("model_id", "version_id", "environment") if (value := getattr(search, name)) is not None}
    if search.status == "running":
        conditions = ["true", *(f"{column} = {args.add(value)}" for column, value in asked.items())]
        conditions += [f"position < {args.add(before)}"] if before is not None else []
        return f"{HELD} select * from held where {' and '.join(conditions)} order by position desc limit {limit:d}"
    conditions = []
    if search.status == "queued":
        asked[OUTCOME] = "open"
        conditions.append(f"not {IS_HELD}")
    elif search.status is not None:
        asked[OUTCOME] = search.status
    indexed = INDEXED_BY_OUTCOME if OUTCOME in asked else INDEXED
    columns = next(columns for columns in indexed if asked.keys() >= set(columns))
    conditions += [f"{column} = {args.add(value)}" for column, value in asked.items() if column not in columns]
    lead = Leading(columns, [asked[column] for column in columns])
    return newest_first("runs", [lead], conditions, args, before=before, limit=limit)


async def result_body(connection: asyncpg.Pool, sha256: str) -> bytes | None:
    """The exact bytes of a result."""
    body: bytes | None = await connection.fetchval(RESULT, sha256)
    return body


async def run_observations(connection: asyncpg.Pool, run_id: str) -> bytes:
    """The run's observations as JSON; an empty object until it has ended."""
    text: str | None = await connection.fetchval(OBSERVATIONS, run_id)
    return (text or "{}").encode()


def _attempt(row: asyncpg.Record) -> dict[str, Any]:
    return {**{name: value for name, value in row.items() if name not in ("run_id", "held_out")}, "facts": orjson.loads(row["facts"])}


def _members(row: asyncpg.Record) -> dict[str, Any]:
    subject = ("model_id", "version_id", "environment")
    datasets = orjson.loads(row["datasets"])
    checks = full_summaries(orjson.loads(row["checks"])) if row["checks"] else None
    ends = ("result_sha256", "reason_code", "requested_by", "requested_at", "ended_at", "cancelled_by", "cancel_reason")
    reason_code = "cancelled" if row["status"] == "cancelled" else row["reason_code"]
    detail, resolve = in_words(reason_code) if reason_code else (None, None)
    return {
        "id": row["run_id"],
        "status": row["status"],
        **{name: row[name] for name in subject},
        "plan": orjson.loads(row["plan"]),
        "artifact_sha256": row["artifact_sha256"],
        "datasets": datasets,
        "dataset_sha256": next((data["sha256"] for data in datasets if data["input"] == "evaluation"), None),
        "champion": orjson.loads(row["champion"]) if row["champion"] else None,
        **{name: row[name] for name in ends},
        # a row from before it was published has none
        "measured_sha256": row["measured_sha256"] or (checks and measured_of_summaries(checks)),
        "detail": detail,
        "resolve": resolve,
        "checks": checks,
        "revision": row["stream_version"],
    }
