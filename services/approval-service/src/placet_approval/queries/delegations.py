"""Views of delegations: of one person, of all, and in which roles of other people a person may sign now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import asyncpg

from placet_approval.queries.sign_off_views import Holder

__all__ = ["DelegationView", "list_delegations", "read_delegation", "roles_of_others"]

DelegationState = Literal["in_force", "coming", "over", "ended", "without_role"]

# `without_role`: the delegator left office, or holds none of the roles any more.
STATE = """
    case when d.ended_at is not null then 'ended' when d.ends_at <= clock_timestamp() then 'over'
         when not coalesce((select p.active and p.roles && d.roles from people p where p.person_id = d.delegator_id), false)
              or not coalesce((select p.active from people p where p.person_id = d.delegate_id), false) then 'without_role'
         when d.starts_at > clock_timestamp() then 'coming' else 'in_force' end
"""
COLUMNS = f"""
    d.delegation_id as id, {STATE} as state, d.delegator_id, d.delegate_id, d.roles, d.environments, d.models, d.starts_at, d.ends_at,
    d.granted_at, d.ended_at, d.ended_by, d.version, (select body from texts t where t.id = d.reason_id) as reason
"""
READ = f"select {COLUMNS} from delegations d where d.delegation_id = $1"
LIST = f"""
    select * from (
        select {COLUMNS} from delegations d
        where ($2::text is null or d.delegation_id < $2)
          and ($1::text is null or d.delegator_id = any (array({{person}})) or d.delegate_id = any (array({{person}})))
    ) d where not $3 or state in ('in_force', 'coming') order by id desc limit $4
""".format(person="select $1 union all select person_id from people_names where name = $1")
NAMES = "select person_id as id, name, display_name from people_names where person_id = any ($1)"
ROLES_OF_OTHERS = """
    select distinct r as role from delegations d join people p on p.person_id = d.delegator_id and p.active, unnest(d.roles) r
    where d.delegate_id = $1 and d.ended_at is null and d.starts_at <= clock_timestamp() and clock_timestamp() < d.ends_at
      and r = any (p.roles)
"""


@dataclass(frozen=True, slots=True)
class DelegationView:
    """One delegation; no environment and no model stand for all."""

    id: str
    state: DelegationState
    delegator: Holder
    delegate: Holder
    roles: Sequence[str]
    environments: Sequence[str]
    models: Sequence[str]
    starts_at: datetime
    ends_at: datetime
    reason: str | None
    granted_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    version: int


async def read_delegation(pool: asyncpg.Pool, delegation_id: str) -> DelegationView | None:
    """One, or None."""
    found = await _views(pool, await pool.fetch(READ, delegation_id))
    return found[0] if found else None


async def list_delegations(pool: asyncpg.Pool, person: str | None, standing: bool, before: str | None, limit: int) -> list[DelegationView]:
    """The newest first, from the one before id `before`; of a person by id or name; `standing` leaves out those that are over."""
    return await _views(pool, await pool.fetch(LIST, person, before, standing, limit))


async def roles_of_others(pool: asyncpg.Pool, person_id: str) -> Sequence[str]:
    """In which roles of other people the person may sign now, whatever the scope."""
    return [row["role"] for row in await pool.fetch(ROLES_OF_OTHERS, person_id)]


async def _views(pool: asyncpg.Pool, rows: Sequence[asyncpg.Record]) -> list[DelegationView]:
    people = sorted({row[column] for row in rows for column in ("delegator_id", "delegate_id")})
    names = {row["id"]: Holder(**row) for row in await pool.fetch(NAMES, people)} if rows else {}

    def view(row: asyncpg.Record) -> DelegationView:
        values: dict[str, Any] = dict(row)
        for kind in ("delegator", "delegate"):
            person = values.pop(f"{kind}_id")
            values[kind] = names.get(person) or Holder(person, None, None)
        return DelegationView(**values)

    return [view(row) for row in rows]
