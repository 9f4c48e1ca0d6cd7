-- Beside each mark the ids of the events that led to it, and the epochs they are of: a position says nothing without the event that
-- stands there (CONSISTENCY rule 27). Written in the transaction that moves the mark.

-- The last thousand or so.
create table recent_events (
    source   text not null,
    position bigint not null,
    event_id uuid not null,
    primary key (source, position)
);

-- Where each epoch began; without a nonce when the source could not be asked for it.
create table known_epochs (
    source         text not null,
    epoch          integer not null,
    first_position bigint not null,
    nonce          text,
    primary key (source, epoch)
);
