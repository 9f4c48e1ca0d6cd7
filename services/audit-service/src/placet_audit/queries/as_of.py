"""The state as of any moment: what was deployed where, and who had approved it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg
from pydantic import BaseModel, Field

from placet_shared.errors import FieldError, Malformed, OutOfRange

__all__ = ["Approval", "Deployed", "Moment", "find_moment", "read_deployed"]

NOW = "select clock_timestamp()"
HEAD = "select index, logged_at from entries order by index desc limit 1"
# Whoever is appending holds the lock until it commits: after this nothing can be logged with an earlier time.
WAIT_FOR_APPENDS = "select pg_advisory_xact_lock_shared(log_lock())"
INDEX_AT = "select index from entries where logged_at <= $1 order by logged_at desc, index desc limit 1"
TIME_OF = "select logged_at from entries where index = $1"

# Of several sign-offs for the same bytes the one that is in force counts, else the one that was approved last.
DEPLOYED = """
    select d.*, m.name as model_name, v.number as version_number, s.sign_off_id, s.expires_at as sign_off_expires_at,
           case s.ended when 'SignOffRevoked' then 'revoked' when 'SignOffInvalidated' then 'invalidated'
                else case when s.expires_at <= $2 then 'expired' when s.expires_at > $2 then 'in force' end end as sign_off_state
    from deployment_spans d
    left join known_models m on m.model_id = d.model_id
    left join known_versions v on v.version_id = d.version_id
    left join lateral (
        select sign_off_id, expires_at, case when to_index <= $1 then ended_by end as ended
        from sign_off_spans s
        where s.version_id = d.version_id and s.environment = d.environment and s.artifact_sha256 = d.artifact_sha256
          and s.from_index <= $1
        order by (to_index is null or to_index > $1) and expires_at > $2 desc, s.from_index desc limit 1
    ) s on true
    where d.from_index <= $1 and (d.to_index is null or d.to_index > $1)
      and ($3::text is null or d.environment = $3)
      and ($4::text is null or d.model_id = $4 or m.name = $4)
    order by d.environment, m.name, d.from_index
"""
APPROVALS = """
    select sign_off_id, person_id, role, approved_at from approval_spans
    where sign_off_id = any ($1) and from_index <= $2 and (to_index is null or to_index > $2) order by from_index
"""


class Approval(BaseModel):
    """One person's signature."""

    person_id: str
    role: str
    at: datetime


class Deployed(BaseModel):
    """What ran in an environment, and on whose word."""

    environment: str
    model_id: str
    model_name: str | None
    version_id: str
    version_number: int | None
    sha256: str
    deployment_id: str
    deployed_by: str
    since: datetime
    sign_off_id: str | None = Field(description="the approved sign-off for these bytes there; null when there was none")
    sign_off_state: Literal["in force", "expired", "revoked", "invalidated"] | None = Field(description="what had become of it by then")
    sign_off_expires_at: datetime | None
    approvals: list[Approval]


@dataclass(frozen=True, slots=True)
class Moment:
    """Which entries count, when the last of them was logged, and at which time expiries are judged."""

    index: int
    logged_at: datetime | None
    time: datetime


async def find_moment(connection: asyncpg.Connection, time: datetime | None, index: int | None) -> Moment:
    """From a time, an index, both or (now) neither, in the caller's transaction; an index alone stands for the time it was logged at.

    Nothing can be logged at or before the moment later on. Raises `Malformed` for the future, `OutOfRange` beyond the log.
    """
    now, by_index = await connection.fetchval(NOW), index is not None
    if time is not None and time > now:
        raise Malformed("The future is not on record.", errors=[FieldError("time", time.isoformat(), f"at most {now.isoformat()}")])
    index = await _index_at(connection, time or now) if index is None else await _index_in_log(connection, index)
    logged_at = await connection.fetchval(TIME_OF, index)
    return Moment(index, logged_at, time or (logged_at if by_index else None) or now)


async def _index_at(connection: asyncpg.Connection, time: datetime) -> int:
    head = await connection.fetchrow(HEAD)
    if head is None or time >= head["logged_at"]:
        await connection.execute(WAIT_FOR_APPENDS)
    index: int | None = await connection.fetchval(INDEX_AT, time)
    return -1 if index is None else index


async def _index_in_log(connection: asyncpg.Connection, index: int) -> int:
    row = await connection.fetchrow(HEAD)
    head = row["index"] if row else -1
    if index > head:
        raise OutOfRange(f"The log has no entry {index} yet.", errors=[FieldError("index", index, f"at most {head}")])
    return index


async def read_deployed(connection: asyncpg.Connection, moment: Moment, environment: str | None, model: str | None) -> Sequence[Deployed]:
    """The deployments current at a moment; `model` is an id or a name."""
    rows = await connection.fetch(DEPLOYED, moment.index, moment.time, environment, model)
    sign_offs = [row["sign_off_id"] for row in rows if row["sign_off_id"]]
    approvals = await connection.fetch(APPROVALS, sign_offs, moment.index)
    return [_deployed(row, [one for one in approvals if one["sign_off_id"] == row["sign_off_id"]]) for row in rows]


def _deployed(row: asyncpg.Record, approvals: Sequence[asyncpg.Record]) -> Deployed:
    return Deployed(
        environment=row["environment"],
        model_id=row["model_id"],
        model_name=row["model_name"],
        version_id=row["version_id"],
        version_number=row["version_number"],
        sha256=row["artifact_sha256"],
        deployment_id=row["deployment_id"],
        deployed_by=row["reported_by"],
        since=row["reported_at"],
        sign_off_id=row["sign_off_id"],
        sign_off_state=row["sign_off_state"],
        sign_off_expires_at=row["sign_off_expires_at"],
        approvals=[Approval(person_id=one["person_id"], role=one["role"], at=one["approved_at"]) for one in approvals],
    )
