-- Indexes that questions use, and none besides: each page is read along one of them in steps that do not grow with the data.
--
-- models
--   models_…_pkey (model_id)                one model; those with a version or deployment that is asked for
--   models_name_key (name)                  one by name; pages
--   models_by_tag (tags)                    tags that few models have
--   (name_parts(name))                      parts of names that few models have
-- versions
--   versions_…_pkey (version_id)            one version
--   (model_id, number) unique               one by number; no number twice
--   (position) unique                       pages
--   (model_id, position)                    pages of a model's versions
--   (format, position)                      pages of one format
--   (format, model_id, position)            pages of a model's versions of one format; which models have a format
--   (sha256, position)                      the versions with these bytes
-- deployments: current and ended ones lie apart in each index, since either may be few among many
--   deployments_…_pkey (deployment_id)      one deployment
--   (environment, model_id) current         at most one; what the next one replaces; the models in an environment
--   (state, position), (environment, state, position), (model_id, state, position), (environment, model_id, state, position),
--   (sha256, state, position)               pages by these
--   (version_id, environment) current       where a version is deployed
--   (position) unique                       no position twice

create function pg_temp.serving(view_name text) returns regclass language sql as $$
    select distinct c.oid::regclass from pg_depend d
    join pg_rewrite r on r.oid = d.objid
    join pg_class c on c.oid = d.refobjid
    where r.ev_class = view_name::regclass and d.classid = 'pg_rewrite'::regclass
      and c.relkind = 'r' and c.relname ~ ('^' || view_name || '_g[0-9]+$')
$$;

-- All parts of up to three characters: a longer part that a name has is made of such parts that the name has too. Not by trigrams of
-- `pg_trgm`: that has to be installed, and knows no parts of two characters.
create function name_parts(name text) returns text[] immutable parallel safe language sql as $$
    select array(
        select distinct substr(lower(name), start, length)
        from generate_series(1, length(name)) start, generate_series(1, least(3, length(name) - start + 1)) length
    )
$$;

-- On the generations that serve: a rebuild takes their indexes over.
do $$
declare
    models      regclass := pg_temp.serving('models');
    versions    regclass := pg_temp.serving('versions');
    deployments regclass := pg_temp.serving('deployments');
    state       text := '(case when ended_at is null then ''current'' else ''ended'' end)';
    unused      regclass;
begin
    execute format('create index on %s using gin (name_parts(name))', models);
    execute format('create index on %s (model_id, position)', versions);
    execute format('create index on %s (format, position)', versions);
    execute format('create index on %s (format, model_id, position)', versions);
    execute format('create index on %s (sha256, position)', versions);
    execute format('create index on %s (%s, position)', deployments, state);
    execute format('create index on %s (environment, %s, position)', deployments, state);
    execute format('create index on %s (model_id, %s, position)', deployments, state);
    execute format('create index on %s (environment, model_id, %s, position)', deployments, state);
    execute format('create index on %s (sha256, %s, position)', deployments, state);
    execute format('create index on %s (version_id, environment) where ended_at is null', deployments);
    for unused in
        select indexrelid::regclass from pg_index
        where indrelid = versions and pg_get_indexdef(indexrelid) like '%(sha256)'
           or indrelid = deployments
              and (pg_get_indexdef(indexrelid) like '%(version_id)' or pg_get_indexdef(indexrelid) like '%(model_id, "position")')
    loop
        execute format('drop index %s', unused);
    end loop;
end $$;
