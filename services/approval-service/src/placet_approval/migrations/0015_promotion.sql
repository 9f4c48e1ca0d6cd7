-- The order of the environments, and what was deployed where from when on: an approval may need one of the same bytes in the environment
-- before, and a time for which they ran there.
--
-- known_models: (name in bytes, model_id)    pages of the board, and names with a beginning
-- known_environments                     a few rows, by name and by place
-- known_deployment_reports
--   primary key                          the end of one
--   (model_id, environment, position)    the one after it, which replaces it; the newest first
--   (model_id, environment, sha256)      those of the same bytes
-- sign_offs: (artifact_sha256, environment, model_id) approved    the yeses on the same bytes there

create or replace function pg_temp.table_behind(view_name text) returns regclass language sql as $$
    select distinct c.oid::regclass from pg_depend d
    join pg_rewrite r on r.oid = d.objid
    join pg_class c on c.oid = d.refobjid
    where r.ev_class = view_name::regclass and d.classid = 'pg_rewrite'::regclass
      and c.relkind = 'r' and c.relname ~ ('^' || view_name || '_g[0-9]+$')
$$;

do $$
declare
    environments regclass := pg_temp.table_behind('known_environments');
begin
    execute format('alter table %s add place integer not null default 0', environments);
    execute format('create or replace view known_environments as select * from %s', environments);
    execute format(
        'create index on %s (artifact_sha256, environment, model_id) where state = %L', pg_temp.table_behind('sign_offs'), 'approved');
    execute format('create index on %s ((name collate "C"), model_id)', pg_temp.table_behind('known_models'));
end $$;

-- `position` is that of the report. A report of the same model in the same environment replaces the one before it.
create table known_deployment_reports_g1 (
    deployment_id text primary key,
    model_id      text not null,
    environment   text not null,
    version_id    text not null,
    sha256        text not null,
    position      bigint not null,
    reported_at   timestamptz not null,
    ended_at      timestamptz
);
create index on known_deployment_reports_g1 (model_id, environment, position);
create index on known_deployment_reports_g1 (model_id, environment, sha256);
create view known_deployment_reports as select * from known_deployment_reports_g1;

-- These stood in events that were applied without them: registry's are read anew. Until that is done the gate denies.
delete from known_models;
delete from known_versions;
delete from known_involvements;
delete from known_environments;
delete from known_deployments;
delete from known_training_data;
delete from parked_events where source = 'registry';
update marks set rebuild_until = greatest(position, rebuild_until), epoch = 0, position = 0, event_id = null, recorded_at = null
where source = 'registry';
