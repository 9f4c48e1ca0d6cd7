-- What this service has lost in a restore, as its followers' marks and the audit log tell (CONSISTENCY rule 28).

-- A branch of its own history that a follower has events of and this store has not. `listed_at`: the audit log has told what was on it.
create table lost_branches (
    event_id    uuid primary key,
    epoch       integer not null,
    position    bigint not null,
    told_by     text not null,
    found_at    timestamptz not null default clock_timestamp(),
    listed_at   timestamptz,
    reviewed_at timestamptz
);

-- The events that were on one, as far as the audit log has them. `model_id` is the model it is about; none for people and policies.
create table lost_events (
    event_id    uuid primary key,
    epoch       integer not null,
    position    bigint not null,
    type        text not null,
    subject     text not null,
    model_id    text,
    actor       text not null,
    recorded_at timestamptz not null,
    data        jsonb not null,
    reviewed_at timestamptz
);
create index lost_events_open on lost_events (subject) where reviewed_at is null;
