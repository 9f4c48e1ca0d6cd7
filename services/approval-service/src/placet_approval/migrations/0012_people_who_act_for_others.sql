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

-- Who is absent, or will be; one row of a person, and none of those who said nothing.
create table absences_g1 (
    person_id text primary key,
    starts_at timestamptz not null,
    ends_at   timestamptz,
    stated_by text not null,
    stated_at timestamptz not null
);
create view absences as select * from absences_g1;

-- Who may sign one sign-off in the place of a person who is absent.
create table reassignments_g1 (
    sign_off_id   text not null,
    absent_id     text not null,
    person_id     text not null,
    role          text not null,
    reassigned_by text not null,
    reassigned_at timestamptz not null,
    primary key (sign_off_id, absent_id, person_id, role)
);
create index on reassignments_g1 (person_id);
create view reassignments as select * from reassignments_g1;

-- Those who hold one of the roles that sign are few among all people.
do $$
begin
    execute format('create index on %s using gin (roles) where active', pg_temp.table_behind('people'));
end $$;

-- Whether a second admin confirms what gives access, and the changes that wait or waited for one.
create table access_policies_g1 (
    version    integer primary key,
    two_admins boolean not null,
    defined_by text not null,
    defined_at timestamptz not null
);
create view access_policies as select * from access_policies_g1;

create table access_changes_g1 (
    change_id   text primary key,
    kind        text not null check (kind in ('roles', 'token', 'access_policy')),
    person_id   text,
    roles       text[] not null,
    token_id    text,
    two_admins  boolean,
    state       text not null check (state in ('proposed', 'confirmed', 'withdrawn')),
    proposed_by text not null,
    proposed_at timestamptz not null,
    decided_by  text,
    decided_at  timestamptz,
    version     integer not null
);
create index on access_changes_g1 (change_id) where state = 'proposed';
create view access_changes as select * from access_changes_g1;
