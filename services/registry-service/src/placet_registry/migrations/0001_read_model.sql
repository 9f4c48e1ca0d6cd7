-- The registry's read model: what its own events say, written in the append's transaction, in the events' order.
-- `position` is that of the event a row began with: unique, in commit order, and the key by which lists are paged.
-- Free text is not here: a row holds its id and joins `texts` when it is read.

create table models (
    model_id         text primary key,
    name             text not null collate "C" unique,
    description_id   uuid,
    description_hmac text,
    tags             jsonb not null,
    latest_number    integer not null default 0,
    stream_version   integer not null,
    registered_by    text not null,
    registered_at    timestamptz not null,
    changed_at       timestamptz not null,
    position         bigint not null
);
create index models_by_tag on models using gin (tags);

create table versions (
    version_id    text primary key,
    model_id      text not null,
    number        integer not null,
    sha256        text not null,
    size          bigint not null,
    uri           text,
    format        text not null,
    signature     json,
    lineage       json not null,
    registered_by text not null,
    registered_at timestamptz not null,
    position      bigint not null unique,
    unique (model_id, number)
);
create index versions_by_artifact on versions (sha256);

create table blobs (
    sha256    text primary key,
    size      bigint not null,
    stored_by text not null,
    stored_at timestamptz not null
);

create table environments (
    name       text primary key,
    place      integer not null check (place > 0),
    defined_by text not null,
    defined_at timestamptz not null
);

create table deployments (
    deployment_id  text primary key,
    environment    text not null,
    model_id       text not null,
    version_id     text not null,
    sha256         text not null,
    permit_id      text,
    stream_version integer not null,
    reported_by    text not null,
    reported_at    timestamptz not null,
    ended_at       timestamptz,
    ended_by       text,
    end_cause      text check (end_cause in ('replaced', 'retired')),
    replaced_by    text,
    reason_id      uuid,
    reason_hmac    text,
    position       bigint not null unique,
    check ((ended_at is null) = (end_cause is null))
);
create unique index deployments_current on deployments (environment, model_id) where ended_at is null;
create index deployments_by_version on deployments (version_id);
create index deployments_by_model on deployments (model_id, position);
