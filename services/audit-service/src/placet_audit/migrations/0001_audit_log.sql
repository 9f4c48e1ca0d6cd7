-- The one audit log: every event of every service, in each source's order, every envelope column kept.

create table entries (
    index          bigint not null,
    logged_at      timestamptz not null,
    source         text not null,
    epoch          integer not null,
    position       bigint not null,
    event_id       uuid not null,
    prev           uuid,
    stream         text not null,
    stream_version integer,
    type           text not null,
    schema_version smallint not null,
    subject        text not null,
    actor          text not null,
    on_behalf_of   text,
    correlation    text not null,
    causation      text,
    traceparent    text,
    occurred_at    timestamptz,
    recorded_at    timestamptz not null,
    data_sha256    bytea not null,
    data           bytea not null,
    primary key (index)
) partition by range (index);

create index entries_by_place on entries (source, position, epoch);
create index entries_by_source on entries (source, index);
create index entries_by_time on entries (logged_at, index);

-- Where a source told another history than before (a restore): both branches stay in the log.
create table forks (
    number         bigint generated always as identity primary key,
    source         text not null,
    found_at_index bigint not null,
    found_at       timestamptz not null default clock_timestamp(),
    lost_epoch     integer not null,
    lost_position  bigint not null,
    kept_epoch     integer not null,
    kept_position  bigint not null
);

create function refuse_log_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is never changed or shortened (% on %)', tg_op, tg_table_name using errcode = '42501';
end $$;

create trigger log_stays before update or delete on entries for each row execute function refuse_log_change();
create trigger log_stays_whole before truncate on entries for each statement execute function refuse_log_change();

create trigger forks_stay before update or delete on forks for each row execute function refuse_log_change();
create trigger forks_stay_whole before truncate on forks for each statement execute function refuse_log_change();

-- How many entries a partition holds.
create function log_partition_width() returns bigint immutable language sql as $$ select 8388608::bigint $$;

-- Attached, not created in place: that would wait for every reader of the log, and one of them may wait for whoever appends.
-- A parent's TRUNCATE trigger does not guard its partitions, so each has its own.
create function add_log_partition(number bigint) returns void language plpgsql set search_path from current as $$
declare
    width constant bigint := log_partition_width();
    name  constant text := format('entries_%s', number);
begin
    if to_regclass(format('%I.%I', current_schema(), name)) is not null then
        return;
    end if;
    execute format('create table %I (like entries including defaults including constraints)', name);
    execute format('create trigger log_stays_whole before truncate on %I for each statement execute function refuse_log_change()', name);
    execute format('alter table entries attach partition %I for values from (%s) to (%s)', name, number * width, (number + 1) * width);
end $$;

select add_log_partition(0);

create function log_lock() returns bigint stable language sql set search_path from current as
$$ select hashtextextended('placet audit log ' || current_schema(), 0) $$;

-- The one way to write an entry: the index has no gaps, `logged_at` never runs backwards. Gives the last index.
create function log_entries(
    e_sources text[], e_epochs integer[], e_positions bigint[], e_ids uuid[], e_prevs uuid[], e_streams text[], e_versions integer[],
    e_types text[], e_schemas smallint[], e_subjects text[], e_actors text[], e_behalves text[], e_correlations text[],
    e_causations text[], e_traceparents text[], e_occurred timestamptz[], e_recorded timestamptz[], e_data bytea[]
) returns bigint language plpgsql security definer set search_path from current as $$
declare
    head_index bigint;
    head_time  timestamptz;
    this_time  timestamptz;
    written    bigint := cardinality(e_ids);
begin
    perform pg_advisory_xact_lock(log_lock());
    select e.index, e.logged_at into head_index, head_time from entries e order by e.index desc limit 1;
    head_index := coalesce(head_index, -1);
    this_time := greatest(clock_timestamp(), head_time);
    for number in (head_index + 1) / log_partition_width() .. (head_index + written) / log_partition_width() loop
        perform add_log_partition(number);
    end loop;
    insert into entries
    select head_index + n.place, this_time, n.source, n.epoch, n.position, n.id, n.prev, n.stream, n.version, n.type, n.schema_version,
           n.subject, n.actor, n.on_behalf_of, n.correlation, n.causation, n.traceparent, n.occurred_at, n.recorded_at,
           sha256(n.data), n.data
    from unnest(e_sources, e_epochs, e_positions, e_ids, e_prevs, e_streams, e_versions, e_types, e_schemas, e_subjects, e_actors,
                e_behalves, e_correlations, e_causations, e_traceparents, e_occurred, e_recorded, e_data) with ordinality
         n(source, epoch, position, id, prev, stream, version, type, schema_version, subject, actor,
           on_behalf_of, correlation, causation, traceparent, occurred_at, recorded_at, data, place);
    return head_index + written;
end $$;
