-- Attestations by others, DSSE envelopes as they were uploaded: what is in them, made from events, and their bytes.
--
-- attestations
--   attestations_…_pkey (sha256)           one attestation
--   (position) unique                      pages
--   (artifacts) gin                        those about an artifact: what a run considers, and pages of these

create table attestations_g1 (
    sha256           text primary key,
    statement_sha256 text not null,
    predicate_type   text not null,
    artifacts        text[] not null,
    model_id         text not null,
    recorded_by      text not null,
    recorded_at      timestamptz not null,
    position         bigint not null unique
);
create index on attestations_g1 using gin (artifacts);

create view attestations as select * from attestations_g1;

-- The exact bytes that an attestation's digest stands for.
create table envelopes (
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    body   bytea not null check (encode(sha256(body), 'hex') = sha256)
);
