-- Policies, sign-offs and gate decisions: rows that follow from this service's own events.

create table policies (
    environment text not null,
    version     integer not null,
    policy_id   text not null,
    sha256      text not null,
    mode        text not null check (mode in ('prevent', 'warn', 'allow')),
    content     jsonb not null,
    defined_by  text not null,
    defined_at  timestamptz not null,
    primary key (environment, version)
);

create view current_policies as
    select distinct on (environment) * from policies order by environment, version desc;

create table sign_offs (
    sign_off_id     text primary key,
    model_id        text not null,
    version_id      text not null,
    environment     text not null,
    state           text not null check (state in ('pending', 'approved', 'rejected', 'withdrawn', 'invalidated', 'revoked')),
    artifact_sha256 text not null,
    run_id          text,
    result_sha256   text,
    policy          jsonb not null,
    signatures      jsonb not null,
    excluded        jsonb not null,
    requester_id    text not null,
    invalidated     jsonb,
    expires_at      timestamptz,
    requested_at    timestamptz not null,
    changed_at      timestamptz not null,
    stream_version  integer not null
);
create index sign_offs_by_version on sign_offs (version_id, environment, requested_at desc);
create index sign_offs_open on sign_offs (environment) where state in ('pending', 'approved');

-- Signatures that count now; who took one back has none.
create table approvals (
    sign_off_id text not null references sign_offs,
    person_id   text not null,
    role        text not null,
    granted_at  timestamptz not null,
    primary key (sign_off_id, person_id)
);

-- All that was done and said about a sign-off, in order; `token_issuers` could have done it too, with the token that was used.
create table sign_off_acts (
    sign_off_id    text not null references sign_offs,
    stream_version integer not null,
    act            text not null,
    actor_id       text not null,
    role           text,
    token_issuers  text[] not null,
    text_id        uuid,
    text_hmac      text,
    acted_at       timestamptz not null,
    primary key (sign_off_id, stream_version)
);

create table gate_decisions (
    decision_id     text primary key,
    environment     text not null,
    question        jsonb not null,
    verdict         text not null check (verdict in ('allow', 'warn', 'deny')),
    decided         boolean not null,
    reasons         text[] not null,
    model_id        text,
    version_id      text,
    artifact_sha256 text,
    sign_off_id     text,
    policy          jsonb,
    positions       jsonb not null,
    decided_by      text not null,
    decided_at      timestamptz not null
);

-- What decisions are about: rows from registry's and verification's events, which the consumer writes together with its mark.

create table known_models (
    model_id text primary key,
    name     text not null
);
create index known_models_by_name on known_models (name);

create table known_versions (
    version_id      text primary key,
    model_id        text not null,
    number          integer not null,
    artifact_sha256 text not null,
    registrars      text[] not null,
    trainers        text[] not null,
    data_preparers  text[] not null,
    registered_at   timestamptz not null
);
create index known_versions_by_number on known_versions (model_id, number);
create index known_versions_by_digest on known_versions (artifact_sha256);

create table known_environments (
    name text primary key
);

create table known_runs (
    run_id        text primary key,
    version_id    text not null,
    environment   text not null,
    plan          text not null,
    passed        boolean not null,
    result_sha256 text not null,
    finished_at   timestamptz not null
);
create index known_runs_by_version on known_runs (version_id, environment, finished_at desc);
