-- Every start of the server opens an epoch, and every epoch has a nonce (CONSISTENCY rule 27): a copy of the data folder keeps system
-- identifier and timeline, and counts its epochs on from the same number as the original does.

-- When the server was started that wrote last; unknown for what wrote before there was this column.
alter table store add column started_at text;
alter table epochs add column nonce text not null default left(encode(uuid_send(gen_random_uuid()), 'hex'), 16);

-- The epoch that an append at `next_position` belongs to; opens one when the server is not the one that wrote last, or was started since.
create or replace function current_epoch(next_position bigint) returns integer language plpgsql set search_path from current as $$
declare
    here_system   text := (select system_identifier::text from pg_control_system());
    here_timeline text := left(pg_walfile_name(pg_current_wal_lsn()), 8);
    here_start    text := extract(epoch from pg_postmaster_start_time())::text;
    known         store%rowtype;
begin
    select * into known from store;
    if (known.system_identifier, known.timeline, known.started_at) is not distinct from (here_system, here_timeline, here_start) then
        return known.epoch;
    end if;
    insert into epochs (epoch, first_position, system_identifier, timeline)
    values (coalesce(known.epoch, 0) + 1, next_position, here_system, here_timeline);
    insert into store (epoch, system_identifier, timeline, started_at) values (1, here_system, here_timeline, here_start)
    on conflict (one) do update
        set epoch = store.epoch + 1, system_identifier = excluded.system_identifier, timeline = excluded.timeline,
            started_at = excluded.started_at;
    return coalesce(known.epoch, 0) + 1;
end $$;

drop function append(append_answer[], append_reliance[], append_event[]);

-- The one way to write an event. Everything names its command by the command's number from 1. The first row that comes back is the
-- batch's: command 0, the position of its first event. The events of all commands follow from there without a gap, but for those
-- that have a row too:
--   conflict  a stream is not at the version the command relies on; nothing of the command was written
--   answered  its idempotency key has an answer already, which comes along; nothing was written
-- `nonce` is the epoch's, `last_id` the id of the event at the position of a stored answer.
create function append(new_answers append_answer[], relied_on append_reliance[], new_events append_event[]) returns table (
    command integer, outcome text, "position" bigint, epoch integer, recorded_at timestamptz,
    hash bytea, status integer, body bytea, etag integer, location text, nonce text, last_id uuid
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
    select 0, 'appended', head_position + 1, this_epoch, this_time, null::bytea, null::integer, null::bytea, null::integer, null::text,
           (select p.nonce from epochs p where p.epoch = this_epoch), null::uuid
    union all
    select command, 'conflict', null, this_epoch, null, null, null, null, null, null, null, null from unnest(conflicting) command
    union all
    select n.command, 'answered', a.position, a.epoch, a.answered_at, a.hash, a.status, a.body, a.etag, a.location, p.nonce, e.id
    from unnest(new_answers) n
    join answers a on a.actor = n.actor and a.key = n.key
    left join events e on e.position = a.position left join epochs p on p.epoch = a.epoch
    where n.command = any (answered)
    order by 1;
end $$;
