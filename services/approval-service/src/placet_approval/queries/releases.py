"""Releases: a list of them, and one with the sign-offs of its members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from placet_approval.domain.known_sign_off import SignOffState
from placet_approval.domain.release import ReleaseState
from placet_approval.queries.sign_off_views import Holder, SignOffSummary
from placet_approval.queries.sign_offs import SUMMARY, summaries

__all__ = ["MemberView", "ReleaseFilter", "ReleaseSummary", "ReleaseView", "list_releases", "read_release"]

# A release has at most 20 members: they are read along the index of their release, one release at a time.
COLUMNS = """
    r.release_id as id, r.name, r.environment, r.state, r.requester_id, r.requested_at, r.changed_at, r.expires_at,
    r.state = 'approved' and r.expires_at <= clock_timestamp() as expired, r.stream_version, r.ended_by, r.ended_with,
    (select json_agg(json_build_object(
         'sign_off_id', s.sign_off_id, 'model_id', s.model_id, 'version_id', s.version_id, 'sha256', s.artifact_sha256, 'state', s.state,
         'model', (select m.name from known_models m where m.model_id = s.model_id),
         'number', (select v.number from known_versions v where v.version_id = s.version_id)) order by s.sign_off_id)
     from sign_offs s where s.release_id = r.release_id) as members
"""
READ = f"select {COLUMNS} from releases r where r.release_id = $1"
LIST = f"""
    select {COLUMNS} from releases r
    where ($1::text is null or r.release_id < $1) and ($2::text is null or r.environment = $2) and ($3::text is null or r.name = $3)
      and (not $4 or r.state = 'pending')
    order by r.release_id desc limit $5
"""
MEMBERS = f"select {SUMMARY} from sign_offs s where s.release_id = $1 order by s.sign_off_id"
HOLDERS = """
    select p.person_id as id, n.name, n.display_name from people p left join people_names n using (person_id) where p.person_id = any ($1)
    union all
    select account_id, name, null from service_accounts where account_id = any ($1)
"""


@dataclass(frozen=True, slots=True)
class ReleaseFilter:
    """`name` may stand for several releases, the newest of which comes first."""

    environment: str | None = None
    name: str | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class MemberView:
    """A version of a release, and how its sign-off stands."""

    sign_off_id: str
    model_id: str
    model: str | None
    version_id: str
    number: int | None
    sha256: str
    state: SignOffState


@dataclass(frozen=True, slots=True)
class ReleaseSummary:
    """`suspended` while an approved release is held; `ended_by` and the member `ended_with` once it is over."""

    id: str
    name: str
    environment: str
    state: ReleaseState
    expired: bool
    suspended: bool
    requester: Holder
    members: Sequence[MemberView]
    requested_at: datetime
    changed_at: datetime
    expires_at: datetime | None
    ended_by: Holder | None
    ended_with: str | None


@dataclass(frozen=True, slots=True)
class ReleaseView(ReleaseSummary):
    """With the sign-offs of the members."""

    sign_offs: Sequence[SignOffSummary]
    version_of_stream: int


async def list_releases(pool: asyncpg.Pool, wanted: ReleaseFilter, before: str | None, limit: int) -> list[ReleaseSummary]:
    """Newest first, from the one requested before id `before`."""
    rows = await pool.fetch(LIST, before, wanted.environment, wanted.name, wanted.open, limit)
    holders = await _holders(pool, rows)
    return [ReleaseSummary(**_summary(row, holders)) for row in rows]


async def read_release(pool: asyncpg.Pool, release_id: str) -> ReleaseView | None:
    """One with its sign-offs; None when there is none."""
    row = await pool.fetchrow(READ, release_id)
    if row is None:
        return None
    sign_offs = await summaries(pool, await pool.fetch(MEMBERS, release_id))
    holders = await _holders(pool, [row])
    return ReleaseView(**_summary(row, holders), sign_offs=sign_offs, version_of_stream=row["stream_version"])


async def _holders(pool: asyncpg.Pool, rows: Sequence[asyncpg.Record]) -> Mapping[str, Holder]:
    ids = sorted({one for row in rows for one in (row["requester_id"], row["ended_by"]) if one})
    return {row["id"]: Holder(**row) for row in await pool.fetch(HOLDERS, ids)}


def _summary(row: asyncpg.Record, holders: Mapping[str, Holder]) -> dict[str, Any]:
    names = ("id", "name", "environment", "state", "expired", "requested_at", "changed_at", "expires_at", "ended_with")
    members = [MemberView(**member) for member in orjson.loads(row["members"] or "[]")]
    return {
        **{name: row[name] for name in names},
        "suspended": any(member.state == "suspended" for member in members),
        "members": members,
        "requester": holders.get(row["requester_id"]) or Holder(row["requester_id"], None, None),
        "ended_by": (holders.get(row["ended_by"]) or Holder(row["ended_by"], None, None)) if row["ended_by"] else None,
    }
