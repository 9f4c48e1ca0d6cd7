"""The places of runs in the queue: how many runs begin until a run does, itself included, as long as none ends and none is added.

People take turns (`adapters/claiming.py`), so a place is no count of earlier requests. A person with r runs that are running takes part in
the rounds r + 1, r + 2 and so on, once in each; within a round those who have more running come first, since the others were served in the
round before. So the place of a run is its number among its person's, and of each other person the rounds that come before its own.
"""

from collections.abc import Collection, Mapping

import asyncpg

__all__ = ["place_of_next", "place_of_run", "places_of_runs"]

# Of each person who waits: how many wait, how many run, and when the person was served last.
PEOPLE = """
    person as materialized (
        select w.requested_by, w.waiting, coalesce(r.runs, 0) as runs,
               (select max(a.started_at) from attempts a where a.requested_by = w.requested_by) as served_at
        from (
            select requested_by, count(*) as waiting from jobs
            where lease_until is null or lease_until < statement_timestamp() group by requested_by
        ) w
        left join (
            select requested_by, count(*) as runs from jobs where lease_until >= statement_timestamp() group by requested_by
        ) r on r.requested_by = w.requested_by
    )
"""
# `asked` has runs, or what is to become one, with their numbers among their person's.
PLACES = """
    select asked.run_id, asked.number + coalesce(sum(greatest(0, least(other.waiting,
               me.runs + asked.number - other.runs
               - case when (-other.runs, coalesce(other.served_at, '-infinity'), other.requested_by)
                           < (-me.runs, coalesce(me.served_at, '-infinity'), me.requested_by) then 0 else 1 end
           ))), 0)::bigint as place
    from asked
    join me on me.requested_by = asked.requested_by
    left join person other on other.requested_by <> asked.requested_by
    group by asked.run_id, asked.number
"""
PLACES_OF_RUNS = f"""
    with {PEOPLE},
    waiting as materialized (
        select run_id, requested_by, model_id, due_at from jobs
        where requested_by = any (array(select requested_by from jobs where run_id = any ($1)))
          and (lease_until is null or lease_until < statement_timestamp())
    ),
    model as materialized (
        select w.requested_by, w.model_id, min(w.due_at) as due_at,
               (select count(*) from jobs r where r.lease_until >= statement_timestamp()
                and r.requested_by = w.requested_by and r.model_id = w.model_id) as runs,
               (select max(a.started_at) from attempts a where a.requested_by = w.requested_by and a.model_id = w.model_id) as served_at
        from waiting w group by w.requested_by, w.model_id
    ),
    of_model as (
        select w.*, m.runs + row_number() over (partition by w.requested_by, w.model_id order by w.due_at, w.run_id) as round,
               m.runs, m.served_at, m.due_at as model_due_at
        from waiting w join model m on (m.requested_by, m.model_id) = (w.requested_by, w.model_id)
    ),
    of_person as (
        select run_id, requested_by, row_number() over (
                   partition by requested_by order by round, runs desc, served_at nulls first, model_due_at, run_id
               ) as number
        from of_model
    ),
    asked as (select * from of_person where run_id = any ($1)),
    me as (select * from person)
    {PLACES}
"""
PLACE_OF_NEXT = f"""
    with {PEOPLE},
    me as (
        select $1::text as requested_by,
               (select count(*) from jobs where requested_by = $1 and lease_until >= statement_timestamp()) as runs,
               (select max(started_at) from attempts where requested_by = $1) as served_at
    ),
    asked as (
        select 'next' as run_id, $1::text as requested_by,
               1 + coalesce((select waiting from person where requested_by = $1), 0) as number
    )
    {PLACES}
"""


async def places_of_runs(connection: asyncpg.Pool, run_ids: Collection[str]) -> Mapping[str, int]:
    """Of those that wait for a worker, counted from 1; in one statement for any number of them."""
    return {row["run_id"]: row["place"] for row in await connection.fetch(PLACES_OF_RUNS, run_ids)}


async def place_of_run(connection: asyncpg.Pool, run_id: str) -> int | None:
    """None for a run that does not wait."""
    return (await places_of_runs(connection, [run_id])).get(run_id)


async def place_of_next(connection: asyncpg.Pool, person: str) -> int:
    """Of the next run that the person would request."""
    place: int = (await connection.fetchrow(PLACE_OF_NEXT, person))["place"]
    return place
