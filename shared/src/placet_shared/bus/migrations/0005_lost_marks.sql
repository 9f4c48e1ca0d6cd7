-- Marks of a branch that a source has lost in a restore: kept when its events are read again, and told with every head, so that the
-- source learns what it has lost however late it asks (CONSISTENCY rule 28).
create table lost_marks (
    source   text not null,
    epoch    integer not null,
    position bigint not null,
    event_id uuid not null,
    found_at timestamptz not null default clock_timestamp(),
    primary key (source, event_id)
);
