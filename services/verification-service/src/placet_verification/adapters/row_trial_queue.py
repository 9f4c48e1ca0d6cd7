"""Trials of rows in PostgreSQL, in an unlogged table: added by the service, claimed and answered by workers, removed when they were read.

People take turns: who was served longest ago comes next, so slow trials of one person delay another person's by the end of one.

Workers and waiting requests are woken over the channel on which the store says that something was appended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import asyncpg
import orjson

from placet_shared.errors import TooMany
from placet_verification.adapters.queue_transaction import queue_transaction
from placet_verification.ports import Refusal, RowTrial, TriedVersion

__all__ = ["RowTrials"]

OPEN_PER_PERSON = 5
OPEN_IN_ALL = 100
ASKED_AGAIN_AFTER_SECONDS = 5

# One at a time counts and adds; per schema, since the key of an advisory lock is the database's (rule 12).
LOCK = "select pg_advisory_xact_lock(hashtextextended('placet row trials ' || current_schema(), 0))"
# Unread answers for two minutes, and what no worker has answered for ten.
REMOVE_OLD = """
    delete from row_trials
    where ended_at < clock_timestamp() - interval '2 minutes' or requested_at < clock_timestamp() - interval '10 minutes'
"""
REMOVE_OLD_TURNS = "delete from row_trial_turns where served_at < clock_timestamp() - interval '10 minutes'"
COUNT = "select count(*) filter (where requested_by = $1) as of_person, count(*) filter (where ended_at is null) as open from row_trials"
ADD = """
    insert into row_trials (trial_id, requested_by, model_id, version_id, environment, plan, document, inputs, rows)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
COUNT_FOR_MODEL = """
    insert into row_trial_counts (model_id, trials, last_at) values ($1, 1, clock_timestamp())
    on conflict (model_id) do update set trials = row_trial_counts.trials + 1, last_at = excluded.last_at
"""
WAKE = "select pg_notify(append_channel(), '')"
CLAIM = """
    with waiting as (
        select t.trial_id, t.attempts, t.requested_by from row_trials t left join row_trial_turns using (requested_by)
        where t.ended_at is null and (t.lease_until is null or t.lease_until < clock_timestamp())
        order by served_at nulls first, t.requested_at limit 1 for update of t skip locked
    ),
    turn as (
        insert into row_trial_turns select requested_by, clock_timestamp() from waiting
        on conflict (requested_by) do update set served_at = excluded.served_at
    )
    update row_trials t
    set attempts = case when waiting.attempts < $1 then waiting.attempts + 1 else waiting.attempts end,
        lease_until = clock_timestamp() + make_interval(secs => $2)
    from waiting where t.trial_id = waiting.trial_id
    returning t.*, waiting.attempts >= $1 as exhausted
"""
HELD = "where trial_id = $1 and attempts = $2 and ended_at is null"
RENEW = f"update row_trials set lease_until = clock_timestamp() + make_interval(secs => $3) {HELD} returning true"
END = f"update row_trials set ended_at = clock_timestamp(), answer = $3, rows = '[]' {HELD} returning true"

_BY_COLUMN = ("model_id", "version_id", "environment")
_AS_JSON = ("plan", "document")
_INPUTS = ("format", "artifact_sha256", "datasets", "signature")


class RowTrials:
    """One process's view of the table; after so many `attempts` a worker gets a trial only to give it up."""

    def __init__(self, pool: asyncpg.Pool, *, lease_seconds: float, attempts: int) -> None:
        self._pool = pool
        self._lease = lease_seconds
        self._attempts = attempts

    async def add(self, trial_id: str, person: str, version: TriedVersion, rows: Sequence[Mapping[str, Any]]) -> None:
        """Raises `TooMany` when this person, or all together, have as many open as they may."""
        facts = asdict(version)
        inputs = {name: facts[name] for name in _INPUTS}
        plain = [orjson.dumps(value).decode() for value in (*(facts[name] for name in _AS_JSON), inputs, rows)]
        async with queue_transaction(self._pool) as connection:
            await connection.execute(LOCK)
            await connection.execute(REMOVE_OLD)
            _refuse_too_many(await connection.fetchrow(COUNT, person))
            await connection.execute(ADD, trial_id, person, *(facts[name] for name in _BY_COLUMN), *plain)
            await connection.execute(COUNT_FOR_MODEL, version.model_id)
            await connection.execute(WAKE)

    async def claim(self) -> RowTrial | None:
        """Of the person who was served longest ago, the one that waits longest, or whose lease has expired."""
        async with queue_transaction(self._pool) as connection:
            row = await connection.fetchrow(CLAIM, self._attempts, self._lease)
        return _trial(row) if row else None

    async def renew(self, trial: RowTrial) -> bool:
        """False when the trial was answered, given to another worker, or removed."""
        async with queue_transaction(self._pool) as connection:
            return bool(await connection.fetchval(RENEW, trial.trial_id, trial.attempt, self._lease))

    async def give_back(self, trial: RowTrial, seconds: float) -> None:
        """Give the trial back; a worker may claim it again after so long."""
        async with queue_transaction(self._pool) as connection:
            await connection.execute(RENEW, trial.trial_id, trial.attempt, seconds)

    async def end(self, trial: RowTrial, answer: Mapping[str, Any] | Refusal) -> bool:
        """Keep the answer until it is read, and the rows no longer; False when the trial was ended, or is another worker's."""
        plain = orjson.dumps({"refusal": answer} if isinstance(answer, Refusal) else {"tried": answer}).decode()
        async with queue_transaction(self._pool) as connection:
            ended = await connection.fetchval(END, trial.trial_id, trial.attempt, plain)
            await connection.execute(WAKE)
            return bool(ended)

    async def remove_old(self) -> None:
        """Answers that were not read in time, and trials that no worker has answered."""
        async with queue_transaction(self._pool) as connection:
            await connection.execute(REMOVE_OLD)
            await connection.execute(REMOVE_OLD_TURNS)


def _refuse_too_many(counted: asyncpg.Record) -> None:
    for number, most, whose in ((counted["of_person"], OPEN_PER_PERSON, "you have"), (counted["open"], OPEN_IN_ALL, "there are")):
        if number >= most:
            raise TooMany(
                f"A trial more can't be open: {whose} {number}, and {most} may be.",
                code="too_many_trials",
                resolve="Read the answers of those before, or wait: an answer that is not read is gone after two minutes.",
                retry_after=ASKED_AGAIN_AFTER_SECONDS,
            )


def _trial(row: asyncpg.Record) -> RowTrial:
    inputs = orjson.loads(row["inputs"])
    version = TriedVersion(
        **{name: row[name] for name in _BY_COLUMN},
        **{name: orjson.loads(row[name]) for name in _AS_JSON},
        **{name: inputs[name] for name in _INPUTS},
    )
    return RowTrial(row["trial_id"], version, orjson.loads(row["rows"]), row["attempts"], row["exhausted"])
