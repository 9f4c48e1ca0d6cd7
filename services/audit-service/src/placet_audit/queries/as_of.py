"""The state at any moment: what was deployed where, and who had approved it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import asyncpg
from pydantic import BaseModel, Field

from placet_audit.queries.models import model_ids
from placet_shared.errors import FieldError, Malformed, OutOfRange

__all__ = ["Approval", "Deployed", "DeployedFilter", "Found", "Moment", "find_moment", "read_deployed"]

NOW = "select clock_timestamp()"
HEAD = "select index, logged_at from entries order by index desc limit 1"
# An append holds the lock until it commits: after this nothing can be logged with an earlier time.
WAIT_FOR_APPENDS = "select pg_advisory_xact_lock_shared(log_lock())"
INDEX_AT = "select max(index) from entries where logged_at = (select max(logged_at) from entries where logged_at <= $1)"
TIME_OF = "select logged_at from entries where index = $1"

# Places with a deployment by then, in the order of their first one, beyond the last place seen; later ones are not even read.
# `places` are in the order of an index, which the planner can only keep.
ALL_PLACES = "select * from deployment_places where first_index > $3 and first_index <= $1"
PLACES_OF_ENVIRONMENT = """
    select * from deployment_places where (environment, first_index) > ($5, $3) and (environment, first_index) <= ($5, $1)
"""
# First by the model, of which there are few: the planner would rather begin with the range, which it takes for small.
PLACES_OF_MODELS = """
    select * from (select * from deployment_places where model_id = any ($5::text[]) offset 0) m
    where ($6::text is null or environment = $6) and first_index > $3 and first_index <= $1
"""
# Of the deployments at a place the last one before the moment is the only one that can be current.
# `signed_off` goes by the times of the services: an approval may reach the log after the deployment that waited for it.
# Of several sign-offs for the same bytes the one that is in force counts, else the one that was approved last.
DEPLOYED = """
    with current as (
        select d.*, p.first_index from ({places}) p cross join lateral (
            select * from deployment_spans d
            where d.environment = p.environment and d.model_id = p.model_id and d.from_index <= $1 order by d.from_index desc limit 1
        ) d
        where d.to_index is null or d.to_index > $1 order by {by} limit $4
    )
    select d.*, (select name from known_models m where m.model_id = d.model_id) as model_name,
           (select number from known_versions v where v.version_id = d.version_id) as version_number,
           s.sign_off_id, s.expires_at as sign_off_expires_at,
           case when s.ended = 'SignOffRevoked' then 'revoked' when s.ended = 'SignOffInvalidated' then 'invalidated'
                when s.suspended then 'suspended' when s.expires_at <= $2 then 'expired' when s.expires_at > $2 then 'in force'
           end as sign_off_state,
           exists (
               select from sign_off_spans o join entries f on f.index = o.from_index left join entries t on t.index = o.to_index
               where o.version_id = d.version_id and o.environment = d.environment and o.artifact_sha256 = d.artifact_sha256
                 and not o.suspended and o.from_index <= $1 and f.recorded_at <= d.reported_at and o.expires_at > d.reported_at
                 and (t.recorded_at is null or t.recorded_at > d.reported_at)
           ) as signed_off,
           coalesce((
               select p.signatures > 0 from policy_versions p
               where p.environment = d.environment and p.from_index <= $1 and p.defined_at <= d.reported_at order by p.version desc limit 1
           ), true) as signatures_required
    from current d
    left join lateral (
        select sign_off_id, expires_at, suspended, case when to_index <= $1 then ended_by end as ended
        from sign_off_spans s
        where s.version_id = d.version_id and s.environment = d.environment and s.artifact_sha256 = d.artifact_sha256
          and s.from_index <= $1
        order by (to_index is null or to_index > $1) and not suspended and expires_at > $2 desc, s.from_index desc limit 1
    ) s on true
    order by d.first_index
"""
APPROVALS = """
    select sign_off_id, person_id, role, approved_at, on_behalf_of from approval_spans
    where sign_off_id = any ($1) and from_index <= $2 and (to_index is null or to_index > $2) order by from_index
"""


class Approval(BaseModel):
    """One person's signature."""

    person_id: str
    on_behalf_of: str | None = Field(description="the person in whose place it was given; null in one's own name")
    role: str
    at: datetime


class Deployed(BaseModel):
    """What ran in an environment, and who had approved it."""

    environment: str = Field(description="the environment's name")
    model_id: str = Field(description="of the model")
    model_name: str | None = Field(description="as it is registered; null when the log does not have that yet")
    version_id: str = Field(description="of the version")
    version_number: int | None = Field(description="of the version, within its model; null when the log does not have that yet")
    sha256: str = Field(description="of the bytes that ran")
    deployment_id: str = Field(description="as registry-service has it")
    deployed_by: str = Field(description="an opaque id: who reported it")
    since: datetime = Field(description="when it was reported")
    sign_off_id: str | None = Field(description="the approved sign-off for these bytes there; null when there was none")
    sign_off_state: Literal["in force", "suspended", "expired", "revoked", "invalidated"] | None = Field(
        description="its state at that moment"
    )
    sign_off_expires_at: datetime | None = Field(description="until when the sign-off is valid; null without one")
    signed_off: bool = Field(description="whether a sign-off for these bytes there was in force when the deployment was reported")
    signatures_required: bool = Field(
        description="whether the policy there asked for signatures then, or there was none; if so, a deployment that was not signed off "
        "was unapproved when it was reported"
    )
    approvals: list[Approval] = Field(description="who signed, in which role and when")


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


@dataclass(frozen=True, slots=True)
class DeployedFilter:
    """Every condition that is set must hold. `model` is an id or a name."""

    environment: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A deployment, and the first entry about its place, in the order of which pages are."""

    first_index: int
    deployed: Deployed


async def read_deployed(connection: asyncpg.Connection, moment: Moment, wanted: DeployedFilter, after: int, limit: int) -> Sequence[Found]:
    """The deployments current at a moment, at most `limit`, at places beyond the last one seen."""
    args: list[Any] = [moment.index, moment.time, after, limit]
    places, by = ALL_PLACES, "p.first_index"
    if wanted.model is not None:
        places = PLACES_OF_MODELS
        args += [await model_ids(connection, wanted.model), wanted.environment]
    elif wanted.environment is not None:
        places, by = PLACES_OF_ENVIRONMENT, "p.environment, p.first_index"
        args.append(wanted.environment)
    rows = await connection.fetch(DEPLOYED.format(places=places, by=by), *args)
    approvals = await _approvals(connection, [row["sign_off_id"] for row in rows if row["sign_off_id"]], moment)
    return [Found(row["first_index"], _deployed(row, approvals.get(row["sign_off_id"], ()))) for row in rows]


async def _approvals(connection: asyncpg.Connection, sign_offs: Sequence[str], moment: Moment) -> Mapping[str | None, Sequence[Approval]]:
    """By sign-off."""
    found: defaultdict[str | None, list[Approval]] = defaultdict(list)
    for row in await connection.fetch(APPROVALS, sign_offs, moment.index):
        who = {"person_id": row["person_id"], "on_behalf_of": row["on_behalf_of"]}
        found[row["sign_off_id"]].append(Approval(**who, role=row["role"], at=row["approved_at"]))
    return found


def _deployed(row: asyncpg.Record, approvals: Sequence[Approval]) -> Deployed:
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
        signed_off=row["signed_off"],
        signatures_required=row["signatures_required"],
        approvals=list(approvals),
    )
