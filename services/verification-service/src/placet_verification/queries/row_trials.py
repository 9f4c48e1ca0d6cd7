"""Trials of rows: how far they are, the answer that is read once, and how many a model has had."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.meters import Attributes

__all__ = ["OPEN_TRIALS", "TRIALS", "RowTrialCount", "RowTrialView", "count_of_model", "open_trials", "row_trials_by_key", "take_row_trial"]

Key = tuple[str, str]
"""Id of a trial and of the person who asked for it: another person's trial is none."""

TRIALS = Instrument("placet.verification.trials", "counter", "{trial}", "Trials of rows that people asked for.")
OPEN_TRIALS = Instrument("placet.verification.trials.open", "gauge", "{trial}", "Trials of rows that wait for a worker, or that one holds.")

# A worker that waits longer than this for none that is busy with trials is none.
UNCLAIMED = """
    attempts = 0 and requested_at < statement_timestamp() - interval '20 seconds'
    and not exists (select from row_trials o where o.lease_until > statement_timestamp() and o.ended_at is null)
"""
FACTS = f"""
    trial_id, requested_by, model_id, version_id, environment, plan, inputs, requested_at, ended_at, answer,
    case when ended_at is not null then 'ended' when lease_until > statement_timestamp() then 'running' else 'queued' end as state,
    {UNCLAIMED} as unclaimed
"""
BY_KEY = f"""
    select {FACTS} from row_trials t
    where (trial_id, requested_by) in (select * from unnest($1::text[], $2::text[]))
"""
TAKE = f"delete from row_trials t where trial_id = $1 and requested_by = $2 and (ended_at is not null or {UNCLAIMED}) returning {FACTS}"
COUNT_OPEN = "select count(*) from row_trials where ended_at is null"
COUNT_OF_MODEL = "select trials, last_at from row_trial_counts where model_id = $1"


@dataclass(frozen=True, slots=True)
class RowTrialView:
    """`status` is queued, running, answered or errored, `tried` what the model answered, `refusal` why it did not.

    `unclaimed`: it has waited long, and no worker is busy with another one.
    """

    id: str
    model_id: str
    version_id: str
    environment: str
    plan: Mapping[str, Any]
    artifact_sha256: str
    dataset_sha256: str
    status: str
    requested_at: datetime
    ended_at: datetime | None
    tried: Mapping[str, Any] | None
    refusal: Mapping[str, Any] | None
    unclaimed: bool


@dataclass(frozen=True, slots=True)
class RowTrialCount:
    """How many trials of a model's versions were asked for, and when the last one."""

    model_id: str
    trials: int
    last_at: datetime | None


async def row_trials_by_key(connection: asyncpg.Pool, keys: Collection[Key]) -> dict[Key, RowTrialView]:
    """Those of them that are there."""
    listed = list(keys)
    rows = await connection.fetch(BY_KEY, [key[0] for key in listed], [key[1] for key in listed])
    return {(row["trial_id"], row["requested_by"]): _view(row) for row in rows}


async def take_row_trial(connection: asyncpg.Pool, key: Key) -> RowTrialView | None:
    """One that has ended, or that no worker will take, which is gone now; None when there is none like this."""
    row = await connection.fetchrow(TAKE, *key)
    return _view(row) if row else None


async def count_of_model(connection: asyncpg.Pool, model_id: str) -> RowTrialCount:
    """0 for a model whose versions were never tried."""
    row = await connection.fetchrow(COUNT_OF_MODEL, model_id)
    return RowTrialCount(model_id, *row) if row else RowTrialCount(model_id, 0, None)


async def open_trials(connection: asyncpg.Pool) -> list[tuple[float, Attributes]]:
    """Those without an answer."""
    return [(await connection.fetchval(COUNT_OPEN), {})]


def _view(row: asyncpg.Record) -> RowTrialView:
    inputs = orjson.loads(row["inputs"])
    answer = orjson.loads(row["answer"]) if row["answer"] else {}
    ended = "answered" if "tried" in answer else "errored"
    return RowTrialView(
        id=row["trial_id"],
        plan=orjson.loads(row["plan"]),
        artifact_sha256=inputs["artifact_sha256"],
        dataset_sha256=inputs["datasets"]["evaluation"],
        status=ended if row["state"] == "ended" else row["state"],
        tried=answer.get("tried"),
        refusal=answer.get("refusal"),
        **{name: row[name] for name in ("model_id", "version_id", "environment", "requested_at", "ended_at", "unclaimed")},
    )
