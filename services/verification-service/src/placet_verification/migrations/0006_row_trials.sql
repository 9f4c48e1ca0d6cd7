-- Rows that people try a model on, until they have read the answer: a queue of its own beside that of runs.
--
-- Unlogged: what people typed reaches neither the write-ahead log nor a replica, and is gone after a crash.
--   row_trials_pkey (trial_id)             one trial
--   (requested_by)                         the trials of a person
--   (requested_at) where not ended         the next one
-- `row_trial_counts` has numbers alone, and stays.

create unlogged table row_trials (
    trial_id      text primary key,
    requested_by  text not null,
    model_id      text not null,
    version_id    text not null,
    environment   text not null,
    plan          json not null,
    document      json not null,
    inputs        json not null,
    rows          json not null,
    requested_at  timestamptz not null default clock_timestamp(),
    attempts      integer not null default 0,
    lease_until   timestamptz,
    ended_at      timestamptz,
    answer        json,
    check ((ended_at is null) = (answer is null))
);
create index row_trials_by_person on row_trials (requested_by);
create index row_trials_waiting on row_trials (requested_at) where ended_at is null;

create table row_trial_counts (
    model_id text primary key,
    trials   bigint not null,
    last_at  timestamptz not null
);
