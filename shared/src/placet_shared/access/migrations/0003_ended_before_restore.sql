-- Tokens and holders whose end was known here before approval-service was restored from a copy, which may know nothing of it: they
-- stay ended, whatever its events say when they are read again (CONSISTENCY rule 28). No projection: a rebuild leaves it alone.
create table ended_before_restore (
    id       text primary key,
    found_at timestamptz not null default clock_timestamp()
);
