-- Plans with names of their own, several for one environment, that select models by id, name and governance tag; runs that renew others.

-- Everything from other services' events is read anew from their feeds: what is needed now stood in events that were applied without it.
-- Until that is done the gate denies.
do $$
declare
    known text;
begin
    for known in
        select relname from pg_class
        where relnamespace = current_schema()::regnamespace and relkind = 'r'
          and relname ~ '^known_(models|versions|environments|involvements|plans|runs)_g[0-9]+$'
    loop
        if known ~ '^known_(models|plans|runs)_' then
            execute format('drop table %I cascade', known);
        else
            execute format('delete from %I', known);
        end if;
    end loop;
end $$;

-- `tags` are those that only admins set.
create table known_models_g1 (
    model_id text primary key,
    name     text not null,
    tags     jsonb not null default '{}'
);
create index on known_models_g1 (name);

-- The newest version of each plan. `lookup` has a key for each environment and entry of its `for`, none when it was withdrawn;
-- `patterns` are its names with `*`, as LIKE has them. Evidence by a version before `required_version` no longer counts.
create table known_plans_g1 (
    plan_id          text primary key,
    name             text not null,
    version          integer not null,
    sha256           text not null,
    lookup           text[] not null,
    every_model      boolean not null,
    patterns         text[] not null,
    required_version integer not null
);
create index on known_plans_g1 using gin (lookup);

-- `pins` are the data and the champion that the run was made with; `champion` is null where nothing was deployed, `compares` false where
-- the plan does not compare.
create table known_runs_g1 (
    run_id          text primary key,
    version_id      text not null,
    environment     text not null,
    plan_id         text not null,
    plan            text not null,
    plan_version    integer not null,
    plan_sha256     text not null,
    pins            text not null,
    compares        boolean not null,
    champion        text,
    passed          boolean not null,
    result_sha256   text not null,
    measured_sha256 text not null,
    finished_at     timestamptz not null
);
create index on known_runs_g1 (version_id, environment, finished_at desc);

-- What runs where; the digest is null once a model's deployment has ended.
create table known_deployments_g1 (
    model_id      text not null,
    environment   text not null,
    deployment_id text not null,
    sha256        text,
    primary key (model_id, environment)
);

create view known_deployments as select * from known_deployments_g1;
create view known_models as select * from known_models_g1;
create view known_plans as select * from known_plans_g1;
create view known_runs as select * from known_runs_g1;

-- The keys of a model in an environment: every plan that is for it has one of them. The meaning is `placet_shared.model_selectors`.
create function plan_keys(environment text, model_id text, name text, tags jsonb) returns text[] language sql immutable as $$
    select array[environment || ' *', environment || ' model ' || model_id, environment || ' model ' || name]
        || array(select environment || ' tag ' || key || '=' || value from jsonb_each_text(tags))
$$;

-- Whether a plan that has one of these keys is for the model: it is for all, by more than the key of patterns, or by a pattern.
create function plan_fits(lookup text[], every_model boolean, patterns text[], keys text[], name text) returns boolean
language sql immutable as $$
    select lookup && keys and (every_model or lookup && keys[2:] or exists (select from unnest(patterns) p where name like p))
$$;

delete from parked_events where source in ('registry', 'verification');
update marks set rebuild_until = greatest(position, rebuild_until), epoch = 0, position = 0, event_id = null, recorded_at = null
where source in ('registry', 'verification');
