-- Going on without a parked event is somebody's decision, recorded in the transaction that removes the row.

-- Removes exactly this event, or fails the command: it may have been applied, or skipped by somebody else, in the meantime.
create function unpark(consumer text, at_position bigint, parked_event_id uuid) returns void language plpgsql set search_path from current as $$
begin
    delete from parked_events where source = consumer and position = at_position and event_id = parked_event_id;
    if not found then
        raise exception 'no such event is parked: % %', consumer, at_position;
    end if;
end $$;
