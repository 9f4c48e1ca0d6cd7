-- `append` takes arrays of rows instead of JSON beside arrays of bytes: PostgreSQL gets every value in its own binary form and has
-- no text to parse while it holds the lock.

-- What is kept under the idempotency key of a command that carries one.
create type append_answer as (
    command integer, key text, actor text, status integer, etag integer, location text, hash bytea, body bytea
);
-- A stream that a command relies on, and the version at which it saw it.
create type append_reliance as (command integer, stream text, version integer);
-- What of an event's columns the command decides.
create type append_event as (
    command integer, id uuid, stream text, version integer, type text, schema_version smallint, subject text, actor text,
    on_behalf_of text, correlation text, causation text, traceparent text, occurred_at timestamptz, data bytea
);

drop function append(json, bytea[], bytea[], json, json, bytea[]);

-- The one way to write an event. Everything names its command by the command's number from 1. The first row that comes back is the
-- batch's: command 0, the position of its first event. The events of all commands follow from there without a gap, but for those
-- that have a row too:
--   conflict  a stream is not at the version the command relies on; nothing of the command was written
--   answered  its idempotency key has an answer already, which comes along; nothing was written
create function append(new_answers append_answer[], relied_on append_reliance[], new_events append_event[]) returns table (
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
        select n.command from unnest(new_answers) n
        join answers a on a.actor = n.actor and a.key = n.key and a.answered_at > this_time - interval '24 hours'
    );
    conflicting := array(
        select distinct x.command
        from unnest(relied_on) x
        where x.version <> coalesce((select max(e.version) from events e where e.stream = x.stream), 0) and x.command <> all (answered)
    );

    insert into events
    select head_position + n.number, this_epoch, n.id, coalesce(lag(n.id) over (order by n.number), head_id), n.stream, n.version,
           n.type, n.schema_version, n.subject, n.actor, n.on_behalf_of, n.correlation, n.causation, n.traceparent,
           n.occurred_at, this_time, n.data
    from (
        select row_number() over (order by e.place) as number, e.*
        from unnest(new_events) with ordinality e(command, id, stream, version, type, schema_version, subject, actor,
                                                  on_behalf_of, correlation, causation, traceparent, occurred_at, data, place)
        where e.command <> all (conflicting) and e.command <> all (answered)
    ) n;
    get diagnostics appended = row_count;
    if appended > 0 then
        perform pg_notify(append_channel(), (head_position + appended)::text);
    end if;

    insert into answers
    select n.actor, n.key, n.hash, n.status, n.body, n.etag, n.location, head_position + appended, this_epoch, this_time
    from unnest(new_answers) n
    where n.command <> all (conflicting) and n.command <> all (answered)
    on conflict (actor, key) do update
        set hash = excluded.hash, status = excluded.status, body = excluded.body, etag = excluded.etag,
            location = excluded.location, position = excluded.position, epoch = excluded.epoch, answered_at = excluded.answered_at;

    return query
    select 0, 'appended', head_position + 1, this_epoch, this_time, null::bytea, null::integer, null::bytea, null::integer, null::text
    union all
    select command, 'conflict', null, this_epoch, null, null, null, null, null, null from unnest(conflicting) command
    union all
    select n.command, 'answered', a.position, a.epoch, a.answered_at, a.hash, a.status, a.body, a.etag, a.location
    from unnest(new_answers) n
    join answers a on a.actor = n.actor and a.key = n.key
    where n.command = any (answered)
    order by 1;
end $$;
