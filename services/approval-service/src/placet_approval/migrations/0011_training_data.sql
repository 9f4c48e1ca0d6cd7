-- Which data were the training data of which bytes, as lineage names them: a verification on them is not on held-out data.

create table known_training_data_g1 (
    artifact_sha256 text not null,
    sha256          text not null,
    version_id      text not null,
    claimed_by      text not null,
    claimed_at      timestamptz not null,
    primary key (artifact_sha256, sha256)
);
create view known_training_data as select * from known_training_data_g1;

-- Which version a deployment is of, and since when it is reported: null only where registry's events are still being read anew.
do $$
declare
    deployments regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'known_deployments'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^known_deployments_g[0-9]+$'
    );
begin
    execute format('alter table %s add version_id text, add reported_at timestamptz', deployments);
    execute format('create index on %s (deployment_id)', deployments);
    execute format('create or replace view known_deployments as select * from %s', deployments);
end $$;

-- This stood in events that were applied without it: registry's are read anew. Until that is done the gate denies.
delete from known_models;
delete from known_versions;
delete from known_involvements;
delete from known_environments;
delete from known_deployments;
delete from parked_events where source = 'registry';
update marks set rebuild_until = greatest(position, rebuild_until), epoch = 0, position = 0, event_id = null, recorded_at = null
where source = 'registry';
