"""Who may sign an open sign-off, in which role, in whose place, and who of them is absent."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import asyncpg

from placet_approval.queries.sign_off_views import Holder, PossibleSigner
from placet_shared.model_selectors import ModelSelector, SelectableModel

__all__ = ["absences_of", "who_may_sign"]

MOST = 100
# People in their own name, by delegations in force, by reassignments of this sign-off. Their scope of models is looked at afterwards.
POSSIBLE = """
    (select person_id, null as on_behalf_of, array(select r from unnest(roles) r where r = any ($1) order by r) as roles,
            '{}'::text[] as models
     from people where active and roles && $1 order by person_id limit 500)
    union all
    (select d.delegate_id, d.delegator_id,
            array(select r from unnest(d.roles) r where r = any ($1) and r = any (p.roles) order by r), d.models
     from delegations d join people p on p.person_id = d.delegator_id and p.active join people q on q.person_id = d.delegate_id and q.active
     where d.ended_at is null and d.starts_at <= clock_timestamp() and clock_timestamp() < d.ends_at
       and (d.environments = '{}' or $2 = any (d.environments)) and d.roles && $1 and p.roles && $1
     order by d.delegation_id limit 500)
    union all
    (select r.person_id, r.absent_id, array[r.role], '{}'
     from reassignments r join people p on p.person_id = r.absent_id and p.active and r.role = any (p.roles)
     join people q on q.person_id = r.person_id and q.active
     where r.sign_off_id = $3)
"""
ABSENT = """
    select person_id, ends_at from absences
    where person_id = any ($1) and starts_at <= clock_timestamp() and (ends_at is null or clock_timestamp() < ends_at)
"""
NAMES = "select person_id as id, name, display_name from people_names where person_id = any ($1)"


async def who_may_sign(
    pool: asyncpg.Pool, sign_off_id: str, environment: str, model: SelectableModel, asked_for: Collection[str], out: Collection[str]
) -> Sequence[PossibleSigner]:
    """At most a hundred; those in `out` are excluded, or have signed, and so is each person who would sign in their place."""
    rows = [row for row in await pool.fetch(POSSIBLE, sorted(asked_for), environment, sign_off_id) if _fits(row, model, out)][:MOST]
    people = sorted({one for row in rows for one in (row["person_id"], row["on_behalf_of"]) if one})
    absent = await absences_of(pool, people)
    names = {row["id"]: Holder(**row) for row in await pool.fetch(NAMES, people)}

    def named(person: str) -> Holder:
        return names.get(person) or Holder(person, None, None)

    return [
        PossibleSigner(
            named(row["person_id"]),
            row["roles"],
            named(row["on_behalf_of"]) if row["on_behalf_of"] else None,
            row["person_id"] in absent,
            absent.get(row["person_id"]),
        )
        for row in rows
    ]


async def absences_of(pool: asyncpg.Pool, people: Sequence[str]) -> Mapping[str, datetime | None]:
    """Those of these people who are absent now, and until when."""
    return {row["person_id"]: row["ends_at"] for row in await pool.fetch(ABSENT, list(people))}


def _fits(row: asyncpg.Record, model: SelectableModel, out: Collection[str]) -> bool:
    if not row["roles"] or {row["person_id"], row["on_behalf_of"]} & {*out}:
        return False
    return ModelSelector(models=tuple(row["models"])).selects(model)
