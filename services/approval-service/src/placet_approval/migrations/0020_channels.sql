-- Channels of Slack and Teams, and one state for all who are told: people by mail, channels by posts.
--
-- sign_offs
--   (changed_at) pending     what changed since one who is told was looked at

-- A channel is told of what waits for people with its roles, or of what waits for one person. Its address stands in no event.
create table channels_g1 (
    channel_id  text primary key,
    kind        text not null check (kind in ('slack', 'teams')),
    host        text not null,
    roles       text[] not null,
    person_id   text,
    frequency   text not null check (frequency in ('at_once', 'daily')),
    daily_at    integer not null,
    time_zone   text not null,
    quiet_from  integer,
    quiet_until integer,
    added_by    text not null,
    added_at    timestamptz not null,
    changed_at  timestamptz not null,
    tested_at   timestamptz,
    version     integer not null
);
create view channels as select * from channels_g1;

-- The address is a secret of the receiver's: who has it may post there. It goes when the channel is removed.
create table channel_addresses (
    channel_id text primary key,
    url        text not null
);

-- What became of posts: `error` is in our words, or the beginning of what the receiver answered; `tested_at` of the last test that was sent.
create table channel_posts (
    channel_id text primary key,
    posted_at  timestamptz not null,
    status     integer,
    error      text,
    tested_at  timestamptz
);

-- Of which sign-offs a person (by mail) or a channel was told, and on which occasion: to answer or to sign, the first time or again.
alter table mailed rename to told;
alter table told rename column person_id to reader_id;
alter table told rename column mailed_at to told_at;
alter table told add column occasion text not null default 'sign 0';
alter table told alter column occasion drop default;
alter table told drop constraint mailed_pkey;
alter table told add primary key (reader_id, sign_off_id, occasion);

-- `looked_at`: what changed before that was looked at. `swept_at`: when all was looked at, whether it changed or not.
alter table mail_states rename to telling_states;
alter table telling_states rename column person_id to reader_id;
alter table telling_states add column looked_at timestamptz, add column swept_at timestamptz;

-- The address that a person had before, until it was told of the change; erasing the person takes it too.
create table former_addresses (
    person_id  text not null,
    email      text not null,
    changed_at timestamptz not null default clock_timestamp(),
    primary key (person_id, email)
);

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
    by_roles regclass;
begin
    -- Each search reads the list of what such an index has not sorted in yet, up to 4 MB: inboxes would take longer after many requests.
    for by_roles in
        select i.indexrelid::regclass from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
        where i.indrelid = sign_offs and a.amname = 'gin'
    loop
        execute format('alter index %s set (fastupdate = off)', by_roles);
        perform gin_clean_pending_list(by_roles);
    end loop;
    execute format('create index on %s (changed_at) where state = %L', sign_offs, 'pending');
end $$;
