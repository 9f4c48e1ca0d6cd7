-- Whose token it is, as far as approval-service's events have told it here (CONSISTENCY rule 22).

-- What can't be undone may be heard of first: an event that must not wait may overtake one that is parked. So a revoked token may
-- have no hash yet, and an inactive holder no kind; what comes later completes the row and revives nothing.
create table credentials (
    token_id     text primary key,
    token_sha256 text unique,
    holder_id    text,
    holder_kind  text,
    expires_at   timestamptz,
    revoked      boolean not null default false
);

create table holders (
    id     text primary key,
    kind   text not null,
    roles  text[] not null default '{}',
    active boolean not null default true
);
