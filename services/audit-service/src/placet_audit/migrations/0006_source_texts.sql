-- Copies of the free texts to which logged events commit (CONSISTENCY rule 24). A row is made from the log: by the event that commits to
-- the text, before the text is here, or by the event that erases it. An erased text leaves a row that is never filled again: no fetch and
-- no rebuild brings it back.
create table source_texts (
    source    text not null,
    text_id   uuid not null,
    hmac      text,                 -- in hex; unknown where only the erasure is on record
    salt      bytea,
    body      text,
    erased_at timestamptz,
    attempts  integer not null default 0,
    due_at    timestamptz not null default clock_timestamp(),
    primary key (source, text_id),
    check ((salt is null) = (body is null)),
    check (erased_at is null or body is null),
    check (hmac is not null or erased_at is not null)
);
-- What is missing, in the order in which it is to be fetched.
create index source_texts_missing on source_texts (source, due_at) where body is null and erased_at is null;

-- Up to which entry texts and erasures are noted: from the beginning, since entries of earlier releases commit to texts too.
insert into projection_marks values ('texts', -1);
