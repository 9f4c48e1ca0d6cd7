-- Steps that people completed on the way of a version's bytes to an environment, for one model each.
--
-- completed_steps
--   primary key                                  those of the same bytes, and one of them
-- known_versions: (registered_at)                what was registered last, for inboxes

create table completed_steps_g1 (
    artifact_sha256 text not null,
    environment     text not null,
    model_id        text not null,
    step            text not null,
    version_id      text not null,
    role            text not null,
    person_id       text not null,
    token_issuers   text[] not null,
    evidence        text[] not null,
    completed_at    timestamptz not null,
    text_id         uuid not null,
    text_hmac       text not null,
    reopened_at     timestamptz,
    reopened_by     text,
    reopened_text_id uuid,
    reopened_text_hmac text,
    stream_version  integer not null,
    primary key (artifact_sha256, environment, model_id, step)
);
create view completed_steps as select * from completed_steps_g1;

create or replace function pg_temp.table_behind(view_name text) returns regclass language sql as $$
    select distinct c.oid::regclass from pg_depend d
    join pg_rewrite r on r.oid = d.objid
    join pg_class c on c.oid = d.refobjid
    where r.ev_class = view_name::regclass and d.classid = 'pg_rewrite'::regclass
      and c.relkind = 'r' and c.relname ~ ('^' || view_name || '_g[0-9]+$')
$$;

-- On the generation that serves: a rebuild takes its indexes over.
do $$
begin
    execute format('create index on %s (registered_at)', pg_temp.table_behind('known_versions'));
end $$;
