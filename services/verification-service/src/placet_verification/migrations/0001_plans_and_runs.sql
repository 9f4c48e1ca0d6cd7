-- What verification's own events say, written in the append's transaction, and the queue of runs beside it.
-- `position` is that of the event a row began with: unique, in commit order, and the key by which lists are paged.

create table plans (
    environment  text not null,
    version      integer not null,
    plan_id      text not null,
    name         text not null,
    sha256       text not null,
    document     json not null,
    text_id      uuid not null,
    published_by text not null,
    published_at timestamptz not null,
    position     bigint not null unique,
    primary key (environment, version)
);

create table runs (
    run_id          text primary key,
    model_id        text not null,
    version_id      text not null,
    environment     text not null,
    plan            json not null,
    artifact_sha256 text not null,
    dataset_sha256  text not null,
    outcome         text check (outcome in ('passed', 'failed', 'errored')),
    result_sha256   text,
    reason_code     text,
    checks          json,
    stream_version  integer not null,
    requested_by    text not null,
    requested_at    timestamptz not null,
    ended_at        timestamptz,
    position        bigint not null unique,
    check ((outcome is null) = (ended_at is null)),
    check ((coalesce(outcome, 'errored') = 'errored') = (result_sha256 is null))
);
create index runs_by_version on runs (version_id, environment, position);
create index runs_by_model on runs (model_id, position);

-- The exact bytes that a result's digest stands for.
create table results (
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    body   bytea not null check (encode(sha256(body), 'hex') = sha256)
);

-- A run that waits or is being worked on. A worker holds it until `lease_until` and must renew in time.
create table jobs (
    run_id      text primary key,
    attempts    integer not null default 0,
    due_at      timestamptz not null default clock_timestamp(),
    lease_until timestamptz
);
create index jobs_due on jobs (due_at);

create table attempts (
    run_id       text not null,
    number       integer not null,
    worker       text not null,
    started_at   timestamptz not null default clock_timestamp(),
    heartbeat_at timestamptz not null default clock_timestamp(),
    ended_at     timestamptz,
    outcome      text check (outcome in ('passed', 'failed', 'errored', 'interrupted', 'lost')),
    reason_code  text,
    facts        json not null default '{}',
    observations json not null default '{}',
    primary key (run_id, number),
    check ((ended_at is null) = (outcome is null))
);
