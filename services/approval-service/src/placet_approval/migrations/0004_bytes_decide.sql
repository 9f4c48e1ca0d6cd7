-- Decisions about bytes: who had a hand in them and which noes stand against them are kept by digest, evidence is a list that names the
-- plan's version, and which plan is in force is known here.

create function pg_temp.serving(view_name text) returns text language sql as $$
    select distinct c.relname from pg_depend d
    join pg_rewrite r on r.oid = d.objid
    join pg_class c on c.oid = d.refobjid
    where r.ev_class = view_name::regclass and d.classid = 'pg_rewrite'::regclass
      and c.relkind = 'r' and c.relname ~ ('^' || view_name || '_g[0-9]+$')
$$;

-- Everything from other services' events is read anew from their feeds: what is needed now (plans, their versions, claims) stood in events
-- that were applied without it. Until that is done the gate denies.
do $$
declare
    known text;
begin
    for known in
        select relname from pg_class
        where relnamespace = current_schema()::regnamespace and relkind = 'r'
          and relname ~ '^known_(models|versions|environments|runs)_g[0-9]+$'
    loop
        execute format('drop table %I cascade', known);
    end loop;
end $$;

create table known_models_g1 (
    model_id text primary key,
    name     text not null
);
create index on known_models_g1 (name);

create table known_versions_g1 (
    version_id      text primary key,
    model_id        text not null,
    number          integer not null,
    artifact_sha256 text not null,
    registered_at   timestamptz not null
);
create index on known_versions_g1 (model_id, number);
create index on known_versions_g1 (artifact_sha256, registered_at desc);

-- Who had which part in an artifact's bytes, as claimed by whom; `version_id` is where it was claimed first.
create table known_involvements_g1 (
    artifact_sha256 text not null,
    person_id       text not null,
    part            text not null check (part in ('registrar', 'trainer', 'data_preparer')),
    claimed_by      text not null,
    version_id      text not null,
    claimed_at      timestamptz not null,
    primary key (artifact_sha256, person_id, part, claimed_by)
);

create table known_environments_g1 (
    name text primary key
);

-- The version of each plan that counts now.
create table known_plans_g1 (
    plan_id      text primary key,
    environment  text not null,
    name         text not null,
    version      integer not null,
    sha256       text not null,
    published_at timestamptz not null
);
create index on known_plans_g1 (environment);

create table known_runs_g1 (
    run_id        text primary key,
    version_id    text not null,
    environment   text not null,
    plan_id       text not null,
    plan          text not null,
    plan_version  integer not null,
    plan_sha256   text not null,
    passed        boolean not null,
    result_sha256 text not null,
    finished_at   timestamptz not null
);
create index on known_runs_g1 (version_id, environment, finished_at desc);

create view known_models as select * from known_models_g1;
create view known_versions as select * from known_versions_g1;
create view known_involvements as select * from known_involvements_g1;
create view known_environments as select * from known_environments_g1;
create view known_plans as select * from known_plans_g1;
create view known_runs as select * from known_runs_g1;

delete from parked_events where source in ('registry', 'verification');
update marks set rebuild_until = greatest(position, rebuild_until), epoch = 0, position = 0, event_id = null, recorded_at = null
where source in ('registry', 'verification');

-- Sign-offs: evidence as a list, which noes a request answers, and claims about signers.
do $$
declare
    serving text := pg_temp.serving('sign_offs');
begin
    drop view sign_offs;
    execute format($f$
        alter table %1$I
            add column evidence jsonb not null default '[]',
            add column noes_answered integer,
            add column earlier_noes jsonb not null default '[]',
            add column excluded_in_all integer not null default 0,
            add column contested jsonb not null default '[]',
            add column set_aside jsonb not null default '[]';
        update %1$I set
            excluded_in_all = jsonb_array_length(excluded),
            evidence = case when run_id is null then '[]' else jsonb_build_array(jsonb_build_object(
                'plan_id', null, 'plan', null, 'version', null, 'sha256', null, 'run_id', run_id, 'result_sha256', result_sha256)) end;
        update %1$I set invalidated = jsonb_build_object(
            'field', 'evidence',
            'old', jsonb_build_object('plan_id', null, 'plan', null, 'version', null, 'sha256', null,
                                      'run_id', '', 'result_sha256', invalidated -> 'old'),
            'new', case when invalidated ->> 'new' is null then 'null'::jsonb
                        else jsonb_build_object('plan_id', null, 'plan', null, 'version', null, 'sha256', null,
                                                'run_id', '', 'result_sha256', invalidated -> 'new') end)
        where invalidated ->> 'field' = 'result_sha256';
        alter table %1$I drop column run_id, drop column result_sha256;
        create index on %1$I (artifact_sha256, environment);
        create view sign_offs as select * from %1$I;
    $f$, serving);
    serving := pg_temp.serving('gate_decisions');
    execute format('alter table %1$I add column valid_until timestamptz; create or replace view gate_decisions as select * from %1$I', serving);
end $$;

-- The noes that stand against bytes in an environment. `ordinal` counts them; 0 for those from before they were counted.
create table standing_noes_g1 (
    sign_off_id     text primary key,
    artifact_sha256 text not null,
    environment     text not null,
    kind            text not null check (kind in ('rejected', 'revoked')),
    model_id        text not null,
    version_id      text not null,
    person_id       text not null,
    said_at         timestamptz not null,
    ordinal         integer not null default 0
);
create index on standing_noes_g1 (artifact_sha256, environment);
create view standing_noes as select * from standing_noes_g1;

insert into standing_noes_g1 (sign_off_id, artifact_sha256, environment, kind, model_id, version_id, person_id, said_at)
select s.sign_off_id, s.artifact_sha256, s.environment, a.act, s.model_id, s.version_id, a.actor_id, a.acted_at
from sign_offs s join sign_off_acts a using (sign_off_id)
where a.act in ('rejected', 'revoked');
