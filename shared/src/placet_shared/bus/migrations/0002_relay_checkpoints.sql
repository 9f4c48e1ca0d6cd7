-- How far a service's relay has brought its own events to Kafka: written when the broker has acknowledged them.
-- `message_offset` is where the topic ended then; a topic that ends before it was made again.
create table relay_checkpoints (
    topic          text primary key,
    position       bigint not null,
    event_id       uuid,
    message_offset bigint not null,
    relayed_at     timestamptz not null default clock_timestamp()
);
