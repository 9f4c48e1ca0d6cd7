-- Where runs were requested and where they failed, as positions of verification's events, since a pass counts only against failures that
-- had ended before its request. Positions and no times: a clock may be set back.

create table known_run_places_g1 (
    run_id    text primary key,
    requested bigint,
    failed    bigint
);
create view known_run_places as select * from known_run_places_g1;

-- What is not known, as of events that a process of the release before has applied, counts for the failure.
create view known_outcomes as
    select r.*, case when r.passed then coalesce(p.requested, 0) else coalesce(p.failed, 9223372036854775807) end as as_of
    from known_runs r left join known_run_places p using (run_id);

-- Requests stood in events that were applied without them: verification's are read anew. Until that is done the gate denies.
delete from known_plans;
delete from known_runs;
delete from parked_events where source = 'verification';
update marks set rebuild_until = greatest(position, rebuild_until), epoch = 0, position = 0, event_id = null, recorded_at = null
where source = 'verification';
