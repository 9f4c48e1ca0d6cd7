"""Which job a worker gets: people take turns, and so do the models of one person.

1. The turn goes to the person with the fewest running jobs; of several to the one who was served longest ago.
2. Of that person's models to the one with the fewest running jobs, then to the one that was served longest ago, and of its jobs to the
   one that has been due for the longest time.
3. Workers that claim at the same moment skip each other's choices, so each serves another person.
4. A worker that finds all first choices taken gets any other job that is due: it is never idle while there is work.

People and models are found by steps along the index `jobs_by_person`, each to the next value: so the statement reads a few rows for each
person who waits and for each model of one of them, however many jobs they have.
"""

__all__ = ["CLAIM", "STEADY_PLAN"]

# A plan that was made while the queue was short is kept when it is long: left to choice it would read the whole table at each step.
STEADY_PLAN = """
    set local enable_seqscan = off;
    set local enable_bitmapscan = off;
    set local enable_hashjoin = off;
    set local enable_mergejoin = off
"""
# `statement_timestamp` is one value for the whole statement, so that it bounds a range of an index; `clock_timestamp` could not.
CLAIM = """
    with recursive person as (
        (select requested_by from jobs order by requested_by limit 1)
        union all
        select (select j.requested_by from jobs j where j.requested_by > p.requested_by order by j.requested_by limit 1)
        from person p where p.requested_by is not null
    ),
    running as materialized (
        select requested_by, model_id, count(*) as runs from jobs where lease_until >= statement_timestamp() group by requested_by, model_id
    ),
    turn as (
        select p.requested_by,
               (select coalesce(sum(r.runs), 0) from running r where r.requested_by = p.requested_by) as runs,
               (select max(a.started_at) from attempts a where a.requested_by = p.requested_by) as served_at
        from person p where p.requested_by is not null
        order by runs, served_at nulls first, requested_by
    ),
    first_choice as (
        select j.run_id, j.attempts
        from turn t
        cross join lateral (
            with recursive model as (
                (select model_id from jobs where requested_by = t.requested_by order by model_id limit 1)
                union all
                select (
                    select j.model_id from jobs j
                    where j.requested_by = t.requested_by and j.model_id > m.model_id order by j.model_id limit 1
                )
                from model m where m.model_id is not null
            )
            select due.run_id
            from model m
            cross join lateral (
                select j.run_id, j.due_at from jobs j
                where j.requested_by = t.requested_by and j.model_id = m.model_id and j.due_at <= statement_timestamp()
                  and (j.lease_until is null or j.lease_until < statement_timestamp())
                order by j.due_at limit 1
            ) due
            where m.model_id is not null
            order by (select coalesce(sum(r.runs), 0) from running r where r.requested_by = t.requested_by and r.model_id = m.model_id),
                     (select max(a.started_at) from attempts a where a.requested_by = t.requested_by and a.model_id = m.model_id)
                     nulls first,
                     due.due_at
            limit 1
        ) of_person
        join jobs j on j.run_id = of_person.run_id
        where j.lease_until is null or j.lease_until < statement_timestamp()
        order by t.runs, t.served_at nulls first, t.requested_by
        limit 1 for update of j skip locked
    ),
    any_other as (
        select run_id, attempts from jobs
        where not exists (select from first_choice) and due_at <= statement_timestamp()
          and (lease_until is null or lease_until < statement_timestamp())
        order by due_at limit 1 for update skip locked
    ),
    due as (select * from first_choice union all select * from any_other)
    update jobs j
    set attempts = case when due.attempts < $1 then due.attempts + 1 else due.attempts end,
        lease_until = clock_timestamp() + make_interval(secs => $2)
    from due where j.run_id = due.run_id
    returning j.run_id, j.attempts, due.attempts >= $1 as exhausted
"""
