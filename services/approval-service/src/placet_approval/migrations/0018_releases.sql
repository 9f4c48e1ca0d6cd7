-- Releases: versions of several models that are signed off as one.
--
-- releases    primary key                       one release, and pages
--             (environment, release_id)         pages of one environment
--             (name, environment, release_id)   the newest of a name
--             (release_id) pending              those that wait for people
-- sign_offs   (release_id) part of a release    the members of one

create table releases_g1 (
    release_id     text primary key,
    name           text not null,
    environment    text not null,
    state          text not null
                   check (state in ('pending', 'approved', 'rejected', 'withdrawn', 'expired', 'invalidated', 'revoked')),
    requester_id   text not null,
    requested_at   timestamptz not null,
    changed_at     timestamptz not null,
    expires_at     timestamptz,
    ended_by       text,
    ended_with     text,
    stream_version integer not null
);
create index on releases_g1 (environment, release_id);
create index on releases_g1 (name, environment, release_id);
create index on releases_g1 (release_id) where state = 'pending';
create view releases as select * from releases_g1;

do $$
declare
    sign_offs regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'sign_offs'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^sign_offs_g[0-9]+$'
    );
begin
    execute format('alter table %s add release_id text, add release_members integer', sign_offs);
    execute format('create index on %s (release_id) where release_id is not null', sign_offs);
    execute format('create or replace view sign_offs as select * from %s', sign_offs);
end $$;
