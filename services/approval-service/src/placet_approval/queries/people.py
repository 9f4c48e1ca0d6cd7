"""Views of people: their names until erased, and their roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

__all__ = ["PersonView", "list_people", "read_person"]

COLUMNS = "p.person_id, n.name, n.display_name, n.email, p.roles, p.active, p.version, p.added_at, p.changed_at, p.erased_at"
# An id never has the form of a name.
READ_PERSON = f"""
    select {COLUMNS} from people p left join people_names n using (person_id)
    where p.person_id = any (array(select $1 union all select person_id from people_names where name = $1))
"""
# Names are looked up for the page: merged as a whole, all names before it would be read.
LIST_PEOPLE = f"""
    select {COLUMNS}
    from (select * from people where person_id > $1 order by person_id limit $2) p
    left join lateral (select * from people_names of_one where of_one.person_id = p.person_id limit 1) n on true
    order by p.person_id
"""


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person. After an erasure the id stays and the names are null."""

    person_id: str
    name: str | None
    display_name: str | None
    email: str | None
    roles: Sequence[str]
    active: bool
    erased: bool
    version: int
    added_at: datetime
    changed_at: datetime
    erased_at: datetime | None


async def read_person(connection: asyncpg.Pool, id_or_name: str, *, asked_by: str, with_email: bool) -> PersonView | None:
    """A person; `asked_by` sees their own e-mail address, `with_email` shows every one."""
    row = await connection.fetchrow(READ_PERSON, id_or_name)
    return None if row is None else _view(row, asked_by, with_email)


async def list_people(connection: asyncpg.Pool, after: str, limit: int, *, asked_by: str, with_email: bool) -> Sequence[PersonView]:
    """People in the order in which they were added, from the one after id `after`."""
    return [_view(row, asked_by, with_email) for row in await connection.fetch(LIST_PEOPLE, after, limit)]


def _view(row: asyncpg.Record, asked_by: str, with_email: bool) -> PersonView:
    values: dict[str, Any] = dict(row)
    if not with_email and values["person_id"] != asked_by:
        values["email"] = None
    return PersonView(**values, erased=values["erased_at"] is not None)
