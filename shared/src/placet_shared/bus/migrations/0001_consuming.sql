-- What a service has consumed of other services' events, and what it had to set aside (CONSISTENCY rules 3, 20 to 22).

-- One row a source: the last event that is applied or parked here. Moves in the transaction that writes the rows.
-- Below `rebuild_until` the source is being read again after a restore.
create table marks (
    source        text primary key,
    epoch         integer not null default 0,
    position      bigint not null default 0,
    event_id      uuid,
    recorded_at   timestamptz,
    applied_at    timestamptz,
    rebuild_until bigint not null default 0
);

-- Events that could not be applied, and those that queue behind them because they touch the same subjects.
create table parked_events (
    source    text not null,
    position  bigint not null,
    epoch     integer not null,
    event_id  uuid not null,
    type      text not null,
    subjects  text[] not null,
    event     bytea not null,
    reason    text,
    attempts  integer not null default 0,
    parked_at timestamptz not null default clock_timestamp(),
    primary key (source, position)
);
create index parked_events_by_subject on parked_events using gin (subjects);
