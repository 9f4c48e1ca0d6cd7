"""The people who are absent or will be, with those who may sign in their place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import orjson

from placet_approval.queries.sign_off_views import Holder

__all__ = ["AbsenceView", "list_absences"]

HOLDER = """
    json_build_object('id', {id}, 'name', (select name from people_names n where n.person_id = {id}),
                      'display_name', (select display_name from people_names n where n.person_id = {id}))
"""
LIST = f"""
    select {HOLDER.format(id="a.person_id")} as person, p.roles, a.starts_at, a.ends_at, {HOLDER.format(id="a.stated_by")} as stated_by,
           (select json_agg({HOLDER.format(id="d.delegate_id")} order by d.delegate_id) from (
               select distinct d.delegate_id from delegations d join people q on q.person_id = d.delegate_id and q.active
               where d.delegator_id = a.person_id and d.ended_at is null and d.roles && p.roles
                 and d.starts_at <= clock_timestamp() and clock_timestamp() < d.ends_at) d) as delegates
    from absences a join people p using (person_id)
    where a.person_id > $1 and p.active and (a.ends_at is null or a.ends_at > clock_timestamp())
    order by a.person_id limit $2
"""


@dataclass(frozen=True, slots=True)
class AbsenceView:
    """One person; `delegates` may sign in their place now, within a scope."""

    person: Holder
    roles: Sequence[str]
    starts_at: datetime
    ends_at: datetime | None
    stated_by: Holder
    delegates: Sequence[Holder]


async def list_absences(pool: asyncpg.Pool, after: str, limit: int) -> list[AbsenceView]:
    """In the order in which the people were added, from the one after id `after`."""
    return [_view(row) for row in await pool.fetch(LIST, after, limit)]


def _view(row: asyncpg.Record) -> AbsenceView:
    person, stated_by = (Holder(**orjson.loads(row[name])) for name in ("person", "stated_by"))
    delegates = [Holder(**one) for one in orjson.loads(row["delegates"] or "[]")]
    return AbsenceView(person, row["roles"], row["starts_at"], row["ends_at"], stated_by, delegates)
