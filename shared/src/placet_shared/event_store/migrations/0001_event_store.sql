-- The append-only event store of one service (CONSISTENCY rules 1, 3 to 6, 8, 12, 14).
-- Runs with search_path = <the service's schema>, pg_temp, as the role that owns the tables and cannot log in.

-- Which server this store lives on; another server, or another timeline of it, means a restore or a failover.
create table store (
    one               boolean primary key default true check (one),
    epoch             integer not null check (epoch > 0),
    system_identifier text not null,
    timeline          text not null
);

create table epochs (
    epoch             integer primary key,
    first_position    bigint not null,
    system_identifier text not null,
    timeline          text not null,
    opened_at         timestamptz not null default clock_timestamp()
);

create table events (
    position       bigint primary key,
    epoch          integer not null,  -- of `epochs`; checked by nobody, since only `append` writes here and it asks there
    id             uuid not null unique,
    prev           uuid,
    stream         text not null check (length(stream) between 1 and 300),
    version        integer check (version > 0),
    type           text not null check (length(type) between 1 and 100),
    schema_version smallint not null check (schema_version > 0),
    subject        text not null check (length(subject) between 1 and 300),
    actor          text not null check (length(actor) between 1 and 200),
    on_behalf_of   text,
    correlation    text not null check (length(correlation) between 1 and 200),
    causation      text,
    traceparent    text,
    occurred_at    timestamptz,
    recorded_at    timestamptz not null,
    data           bytea not null check (octet_length(data) <= 65536),
    unique (stream, version),
    check ((position = 1) = (prev is null))
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'events are never changed or removed (% on %)', tg_op, tg_table_name using errcode = '42501';
end $$;

create trigger events_stay before update or delete on events for each row execute function refuse_change();
create trigger events_stay_whole before truncate on events for each statement execute function refuse_change();
create trigger epochs_stay before update or delete on epochs for each row execute function refuse_change();
create trigger epochs_stay_whole before truncate on epochs for each statement execute function refuse_change();

-- Answers of commands that carried an `Idempotency-Key`; good for 24 hours.
create table answers (
    actor       text not null,
    key         text not null,
    hash        bytea not null,
    status      integer not null,
    body        bytea not null,
    etag        integer,
    location    text,
    position    bigint not null,
    epoch       integer not null,
    answered_at timestamptz not null,
    primary key (actor, key)
);
create index answers_by_age on answers (answered_at);

-- Free text beside events, which hold only HMAC-SHA256(salt, body); `position` is that of the command's first event.
-- An erased text keeps its row as a tombstone.
create table texts (
    id         uuid primary key,
    position   bigint not null,
    kind       text not null,
    subject    text not null,
    author     text not null,
    salt       bytea,
    body       text,
    written_at timestamptz not null default clock_timestamp(),
    erased_at  timestamptz,
    check ((erased_at is null) = (salt is not null) and (salt is null) = (body is null))
);
create index texts_by_position on texts (position);

-- Keys and channels derive from the schema: several stores share one database.
create function append_lock() returns bigint stable language sql set search_path from current as
$$ select hashtextextended('placet append ' || current_schema(), 0) $$;

create function append_channel() returns text stable language sql set search_path from current as
$$ select 'placet_' || current_schema() $$;

-- The epoch that an append at `next_position` belongs to; opens one when the server is not the one that wrote last.
create function current_epoch(next_position bigint) returns integer language plpgsql set search_path from current as $$
declare
    here_system   text := (select system_identifier::text from pg_control_system());
    here_timeline text := left(pg_walfile_name(pg_current_wal_lsn()), 8);
    known         store%rowtype;
begin
    select * into known from store;
    if known.system_identifier is not distinct from here_system and known.timeline is not distinct from here_timeline then
        return known.epoch;
    end if;
    insert into epochs (epoch, first_position, system_identifier, timeline)
    values (coalesce(known.epoch, 0) + 1, next_position, here_system, here_timeline);
    insert into store (epoch, system_identifier, timeline) values (1, here_system, here_timeline)
    on conflict (one) do update
        set epoch = store.epoch + 1, system_identifier = excluded.system_identifier, timeline = excluded.timeline;
    return coalesce(known.epoch, 0) + 1;
end $$;

-- The one way to write an event. Objects of the JSON arrays and elements of the bytea arrays beside them go together; `relied_on`
-- and `new_events` name their command by its number from 1. The first row that comes back is the batch's: command 0,
-- the position of its first event. The events of all commands follow from there without a gap, but for those that have a row too:
--   conflict  a stream is not at the version the command relies on; nothing of the command was written
--   answered  its idempotency key has an answer already, which comes along; nothing was written
create function append(
    commands json, hashes bytea[], bodies bytea[], -- key, actor, status, etag, location
    relied_on json,                                -- command, stream, version
    new_events json, payloads bytea[]              -- command, and the columns of `events` that the command decides
) returns table (
    command integer, outcome text, "position" bigint, epoch integer, recorded_at timestamptz,
    hash bytea, status integer, body bytea, etag integer, location text
) language plpgsql security definer set search_path from current as $$
#variable_conflict use_column
declare
    head_position bigint;
    head_id       uuid;
    head_time     timestamptz;
    this_time     timestamptz;
    this_epoch    integer;
    conflicting   integer[];
    answered      integer[];
    appended      bigint;
begin
    perform pg_advisory_xact_lock(append_lock());
    select e.position, e.id, e.recorded_at into head_position, head_id, head_time from events e order by e.position desc limit 1;
    head_position := coalesce(head_position, 0);
    this_epoch := current_epoch(head_position + 1);
    this_time := greatest(clock_timestamp(), head_time);

    answered := array(
        select c.number::integer
        from rows from (json_to_recordset(commands) as (key text, actor text)) with ordinality c(key, actor, number)
        join answers a on a.actor = c.actor and a.key = c.key and a.answered_at > this_time - interval '24 hours'
    );
    conflicting := array(
        select distinct x.command
        from json_to_recordset(relied_on) x(command integer, stream text, version integer)
        where x.version <> coalesce((select max(e.version) from events e where e.stream = x.stream), 0) and x.command <> all (answered)
    );

    insert into events
    select head_position + n.number, this_epoch, n.id, coalesce(lag(n.id) over (order by n.number), head_id), n.stream, n.version,
           n.type, n.schema_version, n.subject, n.actor, n.on_behalf_of, n.correlation, n.causation, n.traceparent,
           n.occurred_at, this_time, n.data
    from (
        select row_number() over (order by e.place) as number, e.*
        from rows from (
            json_to_recordset(new_events) as (
                command integer, id uuid, stream text, version integer, type text, schema_version smallint, subject text, actor text,
                on_behalf_of text, correlation text, causation text, traceparent text, occurred_at timestamptz
            ),
            unnest(payloads)
        ) with ordinality e(command, id, stream, version, type, schema_version, subject, actor,
                            on_behalf_of, correlation, causation, traceparent, occurred_at, data, place)
        where e.command <> all (conflicting) and e.command <> all (answered)
    ) n;
    get diagnostics appended = row_count;
    if appended > 0 then
        perform pg_notify(append_channel(), (head_position + appended)::text);
    end if;

    insert into answers
    select c.actor, c.key, c.hash, c.status, c.body, c.etag, c.location, head_position + appended, this_epoch, this_time
    from rows from (
        json_to_recordset(commands) as (key text, actor text, status integer, etag integer, location text), unnest(hashes), unnest(bodies)
    ) with ordinality c(key, actor, status, etag, location, hash, body, number)
    where c.key is not null and c.number <> all (conflicting) and c.number <> all (answered)
    on conflict (actor, key) do update
        set hash = excluded.hash, status = excluded.status, body = excluded.body, etag = excluded.etag,
            location = excluded.location, position = excluded.position, epoch = excluded.epoch, answered_at = excluded.answered_at;

    return query
    select 0, 'appended', head_position + 1, this_epoch, this_time, null::bytea, null::integer, null::bytea, null::integer, null::text
    union all
    select number, 'conflict', null, this_epoch, null, null, null, null, null, null from unnest(conflicting) number
    union all
    select number, 'answered', a.position, a.epoch, a.answered_at, a.hash, a.status, a.body, a.etag, a.location
    from unnest(answered) number
    join answers a on a.actor = commands -> (number - 1) ->> 'actor' and a.key = commands -> (number - 1) ->> 'key'
    order by 1;
end $$;
