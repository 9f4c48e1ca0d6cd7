-- Indexes that questions use, and none besides: each answers one in steps that do not grow with the log.
--
-- entries
--   entries_pkey (index)                     one entry; the views' next entries; the head
--   entries_by_source (source, index)        the last of a source up to an entry; what a source lost, in order
--   entries_by_position (position)           which events stand at a position: one a source and branch
--   entries_by_time (logged_at)              the last entry that was logged by a time; a page is logged at one time
-- timeline_rows
--   timeline_rows_pkey (index)               newest and oldest lines; some lines by their indexes
--   timeline_by_…  (…, index)                the lines of one value in order: model, version, actor, on behalf of, type, result (but
--                                            `done`, which most are), environment, source, correlation
--   timeline_by_time (recorded_at)           lines since or until a time, where they are few
--   timeline_without_model (subject)         lines that a model is heard of after
-- known_models
--   known_models_by_name (name)              the ids behind a name
-- deployment_places
--   deployment_places_pkey (model_id, environment)
--   deployment_places_by_index (first_index), deployment_places_by_environment (environment, first_index)
--                                            where something had been deployed by an entry
-- deployment_spans
--   deployment_spans_by_place (environment, model_id, from_index)
--                                            what was current there as of an entry
--   deployment_spans_running (environment, model_id) where it has not ended
--                                            what the next deployment ends, however many went before
-- sign_off_spans
--   sign_off_spans_by_version (version_id, environment, from_index)
--                                            the sign-offs of what is deployed

drop index entries_by_place;
drop index entries_by_time;
create index entries_by_position on entries (position);
create index entries_by_time on entries (logged_at);

-- Since which entry an environment knows a model: pages of "as of" go from place to place.
create table deployment_places_g1 (
    model_id    text not null,
    environment text not null,
    first_index bigint not null,
    constraint deployment_places_pkey primary key (model_id, environment)
);
create index deployment_places_by_index on deployment_places_g1 (first_index);
create index deployment_places_by_environment on deployment_places_g1 (environment, first_index);
create view deployment_places as select * from deployment_places_g1;
insert into deployment_places select model_id, environment, min(from_index) from deployment_spans group by 1, 2;

-- On the generations that serve: a rebuild takes their indexes over.
do $$
declare
    lines       regclass;
    deployments regclass;
begin
    select into lines, deployments
           max(c.oid) filter (where v.relname = 'timeline_rows'), max(c.oid) filter (where v.relname = 'deployment_spans')
    from pg_class v
    join pg_rewrite r on r.ev_class = v.oid
    join pg_depend d on d.objid = r.oid and d.classid = 'pg_rewrite'::regclass
    join pg_class c on c.oid = d.refobjid and c.relkind = 'r' and c.relname ~ ('^' || v.relname || '_g[0-9]+$')
    where v.relnamespace = current_schema()::regnamespace and v.relkind = 'v';
    execute format('create index on %s (correlation, index)', lines);
    execute format('create index on %s (environment, model_id) where to_index is null', deployments);
    execute (
        select format('drop index %s', i.indexrelid::regclass) from pg_index i
        where i.indrelid = lines and pg_get_indexdef(i.indexrelid) like '%(correlation)'
    );
end $$;
