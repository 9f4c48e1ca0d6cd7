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

-- Data stood in events that were applied without them: registry's are read anew. Until that is done the gate denies.
delete from known_models;
delete from known_versions;
delete from known_involvements;
delete from known_environments;
delete from known_deployments;
delete from parked_events where source = 'registry';
update marks set rebuild_until = greatest(position, rebuild_until), epoch = 0, position = 0, event_id = null, recorded_at = null
where source = 'registry';
