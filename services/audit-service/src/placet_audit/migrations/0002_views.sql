-- What people ask the log, built from its entries in order. Rows carry the index they were made from and are never moved back.

create table projection_marks (
    name  text primary key,
    index bigint not null
);
insert into projection_marks values ('views', -1);

create table known_models (model_id text primary key, name text not null, index bigint not null);
create index known_models_by_name on known_models (name);

create table known_versions (
    version_id      text primary key,
    model_id        text not null,
    number          integer not null,
    artifact_sha256 text not null,
    index           bigint not null
);

create table timeline_rows (
    index       bigint primary key,
    logged_at   timestamptz not null,
    recorded_at timestamptz not null,
    source      text not null,
    position    bigint not null,
    event_id    uuid not null,
    type        text not null,
    result      text not null,
    subject     text not null,
    model_id    text,
    version_id  text,
    environment text,
    actor       text not null,
    on_behalf_of text,
    correlation text not null,
    details     jsonb not null
);
create index timeline_by_model on timeline_rows (model_id, index);
create index timeline_by_version on timeline_rows (version_id, index);
create index timeline_by_actor on timeline_rows (actor, index);
create index timeline_by_type on timeline_rows (type, index);
create index timeline_by_result on timeline_rows (result, index) where result <> 'done';
create index timeline_by_environment on timeline_rows (environment, index);
create index timeline_by_correlation on timeline_rows (correlation);
create index timeline_by_source on timeline_rows (source, index);
create index timeline_by_time on timeline_rows (recorded_at);
create index timeline_on_behalf on timeline_rows (on_behalf_of, index) where on_behalf_of is not null;
create index timeline_without_model on timeline_rows (subject) where model_id is null;

-- What is (or was) deployed where: true from `from_index` until before `to_index`.
create table deployment_spans (
    deployment_id   text primary key,
    environment     text not null,
    model_id        text not null,
    version_id      text not null,
    artifact_sha256 text not null,
    reported_by     text not null,
    reported_at     timestamptz not null,
    from_index      bigint not null,
    to_index        bigint
);
create index deployment_spans_by_place on deployment_spans (environment, model_id, from_index);

-- Approved sign-offs: in force from `from_index` until before `to_index`, where `ended_by` (an event's type) ended it, or until they expire.
create table sign_off_spans (
    sign_off_id     text primary key,
    model_id        text not null,
    version_id      text not null,
    environment     text not null,
    artifact_sha256 text not null,
    expires_at      timestamptz not null,
    from_index      bigint not null,
    to_index        bigint,
    ended_by        text
);
create index sign_off_spans_by_version on sign_off_spans (version_id, environment, from_index);

create table approval_spans (
    sign_off_id text not null,
    person_id   text not null,
    role        text not null,
    approved_at timestamptz not null,
    from_index  bigint not null,
    to_index    bigint,
    primary key (sign_off_id, person_id, from_index)
);

-- For people with psql: the same timeline that `GET /v1/timeline` answers.
create view timeline as
select t.index, t.logged_at, t.recorded_at, t.source, t.position, t.type, t.result, t.subject, t.model_id, m.name as model_name,
       t.version_id, v.number as version_number, t.environment, t.actor, t.on_behalf_of, t.correlation, t.event_id, t.details
from timeline_rows t
left join known_models m on m.model_id = t.model_id
left join known_versions v on v.version_id = t.version_id;

comment on view timeline is 'Every act on record, refused ones too: who did what to what, when and with which result.';
comment on column timeline.index is 'place in the audit log: without gaps, in the order of logging';
comment on column timeline.logged_at is 'when the audit log had it';
comment on column timeline.recorded_at is 'when the service recorded it';
comment on column timeline.source is 'the service that recorded it';
comment on column timeline.position is 'its place among the events of that service';
comment on column timeline.type is 'what happened: the event''s type';
comment on column timeline.result is 'done, refused, denied, failed, rejected or invalidated';
comment on column timeline.subject is 'what it is about: a model''s id, else a person, policy, environment or blob';
comment on column timeline.model_id is 'the model, where it is about one';
comment on column timeline.model_name is 'the model''s name';
comment on column timeline.version_id is 'the version, where it is about one';
comment on column timeline.version_number is 'the version''s number within its model';
comment on column timeline.environment is 'the environment, where it is about one';
comment on column timeline.actor is 'who did it, as an opaque id';
comment on column timeline.on_behalf_of is 'for whom, where a system acted for somebody';
comment on column timeline.correlation is 'the request that led to it';
comment on column timeline.event_id is 'the event''s id';
comment on column timeline.details is 'the event''s own fields, without long and nested ones';
