-- What an inbox is read by: requests of one person, signatures of one person by the end of what they signed.
--
-- sign_offs
--   (requester_id, sign_off_id)              pages of a person's requests
-- signed_endings
--   (person_id, ended_at)                    what a person signed that has ended, the latest end first

-- When a sign-off that a person signed ends or has ended: an approved one expires at that time, unless it ends before.
create table signed_endings_g1 (
    person_id   text not null,
    sign_off_id text not null,
    ended_at    timestamptz not null,
    primary key (sign_off_id, person_id)
);
create index on signed_endings_g1 (person_id, ended_at);
create view signed_endings as select * from signed_endings_g1;

-- As the events of before would have made them.
insert into signed_endings
select a.person_id, a.sign_off_id, case s.state when 'approved' then s.expires_at else s.changed_at end
from approvals a join sign_offs s using (sign_off_id)
where s.state <> 'pending' and (s.state <> 'approved' or s.expires_at is not null);
-- A comment may have come after the end.
update signed_endings e set ended_at = a.acted_at
from sign_off_acts a
where a.sign_off_id = e.sign_off_id and a.act in ('rejected', 'withdrawn', 'revoked', 'invalidated');

-- On the generation that serves: a rebuild takes its indexes over.
do $$
declare
    sign_offs regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'sign_offs'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^sign_offs_g[0-9]+$'
    );
begin
    execute format('create index on %s (requester_id, sign_off_id)', sign_offs);
end $$;

-- Webhooks: which systems are told of which events. The address and the secrets stand in no event.

create table webhooks_g1 (
    webhook_id       text primary key,
    host             text not null,
    types            text[] not null,
    enabled          boolean not null,
    disabled_because text check (disabled_because in ('asked', 'gone')),
    added_by         text not null,
    added_at         timestamptz not null,
    changed_at       timestamptz not null,
    version          integer not null
);
create view webhooks as select * from webhooks_g1;

-- `busy_until`: a delivery to it is under way until then at the latest. The secret before is signed with too, until `previous_until`.
create table webhook_endpoints (
    webhook_id      text primary key,
    url             text not null,
    secret          text not null,
    previous_secret text,
    previous_until  timestamptz,
    busy_until      timestamptz
);

-- How far the events of each source were queued; those before `queue_from` were queued before the source was restored.
create table webhook_cursors (
    source     text primary key,
    epoch      integer not null,
    position   bigint not null,
    event_id   uuid,
    queue_from bigint not null default 0
);

-- The queue: each event once, as it is sent, and a delivery for each webhook that it is for. All of it is deleted after 30 days.
create table webhook_events (
    event_id  uuid primary key,
    source    text not null,
    type      text not null,
    subject   text not null,
    payload   bytea not null,
    queued_at timestamptz not null default clock_timestamp()
);
create index webhook_events_by_age on webhook_events (queued_at);

-- `holds`: those after it wait for it, so that all go in order. One that the receiver refuses is tried again by itself.
create table webhook_deliveries (
    seq             bigint generated always as identity primary key,
    webhook_id      text not null,
    event_id        uuid not null references webhook_events on delete cascade,
    state           text not null default 'pending' check (state in ('pending', 'delivered', 'parked')),
    attempts        integer not null default 0,
    holds           boolean not null default true,
    next_attempt_at timestamptz not null default clock_timestamp(),
    changed_at      timestamptz not null default clock_timestamp(),
    unique (webhook_id, event_id)
);
create index webhook_deliveries_by_event on webhook_deliveries (event_id);
create index webhook_deliveries_in_order on webhook_deliveries (webhook_id, seq) where state = 'pending' and holds;
create index webhook_deliveries_by_themselves on webhook_deliveries (webhook_id, next_attempt_at) where state = 'pending' and not holds;
create index webhook_deliveries_parked on webhook_deliveries (webhook_id, seq) where state = 'parked';
create index webhook_deliveries_newest on webhook_deliveries (webhook_id, seq);

-- What became of each attempt; the beginning of the receiver's answer is text from outside and goes nowhere else.
create table webhook_attempts (
    seq          bigint not null references webhook_deliveries on delete cascade,
    attempted_at timestamptz not null default clock_timestamp(),
    milliseconds integer not null,
    status       integer,
    error        text,
    response     text not null,
    primary key (seq, attempted_at)
);

-- When and how a person wants mail; without a row at once.
create table notification_preferences_g1 (
    person_id   text primary key,
    mail        text not null check (mail in ('at_once', 'daily', 'off')),
    daily_at    integer not null,
    time_zone   text not null,
    quiet_from  integer,
    quiet_until integer,
    changed_at  timestamptz not null,
    version     integer not null
);
create view notification_preferences as select * from notification_preferences_g1;

-- Of which sign-offs a person was told by mail, so that a restart tells nothing twice.
create table mailed (
    person_id   text not null,
    sign_off_id text not null,
    mailed_at   timestamptz not null default clock_timestamp(),
    primary key (person_id, sign_off_id)
);
create index mailed_by_age on mailed (mailed_at);

-- The last mail to a person, and when to try again after one that the mail server refused.
create table mail_states (
    person_id text primary key,
    sent_at   timestamptz,
    failures  integer not null default 0,
    retry_at  timestamptz
);
