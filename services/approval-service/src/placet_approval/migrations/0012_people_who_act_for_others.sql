-- Delegations, and in whose place a signature or another act was.
--
-- delegations
--   primary key          one delegation; pages
--   (delegate_id)        of those that were not ended: in whose place a person may sign
--   (delegator_id)       the delegations of a person

create table delegations_g1 (
    delegation_id text primary key,
    delegator_id  text not null,
    delegate_id   text not null,
    roles         text[] not null,
    environments  text[] not null,
    models        text[] not null,
    starts_at     timestamptz not null,
    ends_at       timestamptz not null,
    granted_at    timestamptz not null,
    reason_id     uuid not null,
    ended_at      timestamptz,
    ended_by      text,
    version       integer not null
);
create index on delegations_g1 (delegate_id) where ended_at is null;
create index on delegations_g1 (delegator_id);
create view delegations as select * from delegations_g1;

create or replace function pg_temp.table_behind(view_name text) returns regclass language sql as $$
    select distinct c.oid::regclass from pg_depend d
    join pg_rewrite r on r.oid = d.objid
    join pg_class c on c.oid = d.refobjid
    where r.ev_class = view_name::regclass and d.classid = 'pg_rewrite'::regclass
      and c.relkind = 'r' and c.relname ~ ('^' || view_name || '_g[0-9]+$')
$$;

do $$
declare
    approvals regclass := pg_temp.table_behind('approvals');
    acts      regclass := pg_temp.table_behind('sign_off_acts');
begin
    execute format('alter table %s add on_behalf_of text, add delegation_id text', approvals);
    execute format('create or replace view approvals as select * from %s', approvals);
    execute format('alter table %s add on_behalf_of text', acts);
    execute format('create or replace view sign_off_acts as select * from %s', acts);
end $$;
