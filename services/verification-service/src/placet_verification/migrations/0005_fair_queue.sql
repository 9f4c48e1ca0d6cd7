-- Whose run a job is, so that people take turns; how many may be open; runs that were cancelled.
--
-- jobs
--   (requested_by, model_id, due_at)              whose turn it is: one probe a person, then one a model of that person
-- attempts
--   (requested_by, started_at), (requested_by, model_id, started_at)
--                                                 when a person, and a model of a person, was served last
-- Both columns are '' in rows that a replica of the release before has written: these jobs wait as those of one more person.

create function pg_temp.rows_behind(view_name text) returns regclass language sql as $$
    select distinct c.oid::regclass from pg_depend d
    join pg_rewrite r on r.oid = d.objid
    join pg_class c on c.oid = d.refobjid
    where r.ev_class = view_name::regclass and d.classid = 'pg_rewrite'::regclass
      and c.relkind = 'r' and c.relname ~ ('^' || view_name || '_g[0-9]+$')
$$;

alter table jobs
    add column requested_by text not null default '',
    add column model_id text not null default '';
update jobs j set requested_by = r.requested_by, model_id = r.model_id from runs r where r.run_id = j.run_id;
create index jobs_by_person on jobs (requested_by, model_id, due_at);

alter table attempts
    add column requested_by text not null default '',
    add column model_id text not null default '',
    drop constraint attempts_outcome_check,
    add constraint attempts_outcome_check check (outcome in ('passed', 'failed', 'errored', 'cancelled', 'interrupted', 'lost'));
create index attempts_by_person on attempts (requested_by, started_at);
create index attempts_by_model on attempts (requested_by, model_id, started_at);

do $$
declare
    runs regclass := pg_temp.rows_behind('runs');
    old  text;
begin
    for old in
        select conname from pg_constraint
        where conrelid = runs and contype = 'c' and pg_get_constraintdef(oid) like '%errored%'
    loop
        execute format('alter table %s drop constraint %I', runs, old);
    end loop;
    execute format($f$
        alter table %1$s
            add column cancelled_by text,
            add column text_id uuid,
            add check (outcome in ('passed', 'failed', 'errored', 'cancelled')),
            add check ((coalesce(outcome, 'errored') in ('errored', 'cancelled')) = (result_sha256 is null)),
            add check ((cancelled_by is not null) = (coalesce(outcome, '') = 'cancelled'));
        create or replace view runs as select * from %1$s;
    $f$, runs);
end $$;

-- Called within an append, which takes turns by its lock: what is counted here can't change until the job is in the queue.
create function enqueue_run(run text, person text, model text, most_of_person integer, most_in_all integer) returns void
language plpgsql as $$
begin
    if (select count(*) from (select from jobs where requested_by = person limit most_of_person) open) >= most_of_person then
        raise exception 'this person has too many open runs';
    end if;
    if (select count(*) from (select from jobs limit most_in_all) open) >= most_in_all then
        raise exception 'there are too many open runs';
    end if;
    insert into jobs (run_id, requested_by, model_id) values (run, person, model);
end $$;
