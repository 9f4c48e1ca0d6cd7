-- Plans by their own names, several for one environment; runs on several data sets, beside a champion.
--
-- plans
--   plans_…_pkey (plan_id, version)        one version, the newest one, all of a plan
--   (position) unique                      no position twice
--   (name)                                 a plan by its name
--   (name) where in_force                  those in force, which are few
-- `stream_key` is the stream's key: the name's, or the environment of a plan from before plans had names of their own.

create function pg_temp.table_behind(view_name text) returns text language sql as $$
    select distinct c.relname from pg_depend d
    join pg_rewrite r on r.oid = d.objid
    join pg_class c on c.oid = d.refobjid
    where r.ev_class = view_name::regclass and d.classid = 'pg_rewrite'::regclass
      and c.relkind = 'r' and c.relname ~ ('^' || view_name || '_g[0-9]+$')
$$;

do $$
declare
    plans text := pg_temp.table_behind('plans');
    runs  text := pg_temp.table_behind('runs');
    old   text;
begin
    drop view plans;
    select conname into old from pg_constraint where conrelid = plans::regclass and contype = 'p';
    execute format($f$
        alter table %1$I
            drop constraint %2$I,
            add column environments text[],
            add column stream_key text,
            add column in_force boolean not null default false,
            add column withdrawn_at timestamptz;
        update %1$I p set
            environments = array[environment], stream_key = environment,
            in_force = version = (select max(n.version) from %1$I n where n.plan_id = p.plan_id);
        alter table %1$I
            alter column environments set not null,
            alter column stream_key set not null,
            drop column environment,
            add primary key (plan_id, version);
        create index on %1$I (name);
        create index on %1$I (name) where in_force;
        create view plans as select * from %1$I;
    $f$, plans, old);
    drop view runs;
    execute format($f$
        alter table %1$I
            add column datasets json,
            add column champion json,
            add column measured_sha256 text;
        update %1$I set datasets = json_build_array(json_build_object('input', 'evaluation', 'sha256', dataset_sha256));
        alter table %1$I
            alter column datasets set not null,
            drop column dataset_sha256;
        create view runs as select * from %1$I;
    $f$, runs);
end $$;
