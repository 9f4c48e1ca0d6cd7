-- An operator says that this store was restored: the next append opens an epoch, also where nothing tells it (a dump that was read
-- into a server that runs, a copy of a machine's memory). CONSISTENCY rule 28.
create function declare_restore() returns void language plpgsql security definer set search_path from current as $$
begin
    perform pg_advisory_xact_lock(append_lock());
    update store set started_at = 'declared ' || clock_timestamp()::text;
end $$;
