-- Indexes that questions use, and none besides: each page is read along one of them in steps that do not grow with the number of runs.
--
-- plans
--   plans_…_pkey (environment, version)    one version, the newest one, all of an environment
--   (position) unique                      no position twice
-- runs: `outcome` is `open` for those that have none yet
--   runs_…_pkey (run_id)                   one run
--   (position) unique                      pages
--   (model_id, position), (version_id, position), (environment, position), (environment, model_id, position)
--                                          pages by these; a version's runs are few
--   (outcome, position), (outcome, model_id, position), (outcome, environment, position)
--                                          the same by status
-- A column with few values comes first: the planner would rather sort all rows of one model than find those it seeks.
--
-- jobs
--   jobs_pkey (run_id), jobs_due (due_at)  one run's job; the next job
--   (lease_until)                          the runs that a worker holds

create function pg_temp.serving(view_name text) returns regclass language sql as $$
    select distinct c.oid::regclass from pg_depend d
    join pg_rewrite r on r.oid = d.objid
    join pg_class c on c.oid = d.refobjid
    where r.ev_class = view_name::regclass and d.classid = 'pg_rewrite'::regclass
      and c.relkind = 'r' and c.relname ~ ('^' || view_name || '_g[0-9]+$')
$$;

-- On the generation that serves: a rebuild takes its indexes over.
do $$
declare
    runs   regclass := pg_temp.serving('runs');
    unused regclass;
begin
    execute format('create index on %s (version_id, position)', runs);
    execute format('create index on %s (environment, position)', runs);
    execute format('create index on %s (environment, model_id, position)', runs);
    execute format('create index on %s (coalesce(outcome, ''open''), position)', runs);
    execute format('create index on %s (coalesce(outcome, ''open''), model_id, position)', runs);
    execute format('create index on %s (coalesce(outcome, ''open''), environment, position)', runs);
    for unused in
        select indexrelid::regclass from pg_index
        where indrelid = runs and pg_get_indexdef(indexrelid) like '%(version_id, environment, "position")'
    loop
        execute format('drop index %s', unused);
    end loop;
end $$;

create index jobs_leased on jobs (lease_until) where lease_until is not null;
