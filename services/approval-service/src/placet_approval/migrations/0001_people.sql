-- People, service accounts and tokens: rows that follow from events, and the names that stand in no event.

create table people (
    person_id  text primary key,
    roles      text[] not null,
    active     boolean not null default true,
    version    integer not null,
    added_at   timestamptz not null,
    changed_at timestamptz not null,
    erased_at  timestamptz
);

-- The one place where a person is somebody. A row that is deleted comes back from nowhere.
create table people_names (
    person_id    text primary key,
    name         text not null unique,
    display_name text not null,
    email        text
);

create table service_accounts (
    account_id text primary key,
    name       text not null unique,
    roles      text[] not null,
    active     boolean not null default true,
    version    integer not null,
    added_at   timestamptz not null,
    changed_at timestamptz not null
);

create table tokens (
    token_id     text primary key,
    holder_id    text not null,
    holder_kind  text not null check (holder_kind in ('person', 'service_account')),
    token_sha256 text not null unique check (token_sha256 ~ '^[0-9a-f]{64}$'),
    version      integer not null,
    issued_at    timestamptz not null,
    issued_by    text not null,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    revoked_by   text,
    reason_id    uuid
);
create index tokens_by_holder on tokens (holder_id);

create view holders as
    select person_id as holder_id, 'person' as kind, roles, active from people
    union all
    select account_id, 'service_account', roles, active from service_accounts;

-- Under this salt the bootstrap remembers which entries of its file it applied, without keeping a name: a person who was
-- erased is not added again by a file that still names them.
create table installation (
    one  boolean primary key default true check (one),
    salt bytea not null
);
insert into installation (salt) values (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

create table bootstrap_entries (
    entry     text primary key,
    holder_id text not null
);
