-- What happens when a yes ends, and emergencies: directives, break-glasses and the debts that these leave. Rows from own events.
--
-- directives      primary key; (deployment_id) those of a deployment; open: (issued_at, directive_id); pages
-- break_glasses   primary key; (artifact_sha256, environment), for the gate; (ends_at), those that ended; pages
-- known_deployments  (reported_at), those that are new
-- debts           primary key; open: (environment), for the gate; (model_id, environment), a stream's; pages

create table directives_g1 (
    directive_id    text primary key,
    kind            text not null check (kind in ('alert', 'drain', 'shadow', 'roll_back')),
    model_id        text not null,
    version_id      text not null,
    environment     text not null,
    deployment_id   text not null,
    artifact_sha256 text not null,
    sign_off_id     text,
    because         text not null,
    roll_back_to    jsonb,
    issued_at       timestamptz not null,
    how             text,
    known_by        text,
    resolved_by     text,
    resolved_at     timestamptz,
    text_id         uuid,
    text_hmac       text,
    stream_version  integer not null
);
create index on directives_g1 (deployment_id);
create index on directives_g1 (issued_at, directive_id);
create index on directives_g1 (issued_at, directive_id) where how is null;

create table break_glasses_g1 (
    glass_id        text primary key,
    debt_id         text not null,
    model_id        text not null,
    version_id      text not null,
    artifact_sha256 text not null,
    environment     text not null,
    opened_by       text not null,
    incident        text not null,
    text_id         uuid not null,
    text_hmac       text not null,
    opened_at       timestamptz not null,
    ends_at         timestamptz not null,
    closed_by       text,
    closed_at       timestamptz
);
create index on break_glasses_g1 (artifact_sha256, environment);
create index on break_glasses_g1 (ends_at);

-- `signatures` are the terms of the policy when the glass was opened.
create table debts_g1 (
    debt_id         text primary key,
    glass_id        text not null,
    model_id        text not null,
    version_id      text not null,
    artifact_sha256 text not null,
    environment     text not null,
    opened_by       text not null,
    token_issuers   text[] not null,
    incident        text not null,
    signatures      jsonb not null,
    incurred_at     timestamptz not null,
    settled_at      timestamptz,
    stream_version  integer not null
);
create index on debts_g1 (environment) where settled_at is null;
create index on debts_g1 (model_id, environment);
create index on debts_g1 (debt_id) where settled_at is null;

create table debt_reviews_g1 (
    debt_id       text not null,
    person_id     text not null,
    role          text not null,
    token_issuers text[] not null,
    text_id       uuid not null,
    text_hmac     text not null,
    reviewed_at   timestamptz not null,
    primary key (debt_id, person_id)
);

create view directives as select * from directives_g1;
create view break_glasses as select * from break_glasses_g1;
create view debts as select * from debts_g1;
create view debt_reviews as select * from debt_reviews_g1;

do $$
declare
    deployments regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'known_deployments'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^known_deployments_g[0-9]+$'
    );
begin
    execute format('create index on %s (reported_at)', deployments);
end $$;

-- By which break-glass a decision is a yes: those that one let in are listed with it.
do $$
declare
    decisions regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'gate_decisions'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^gate_decisions_g[0-9]+$'
    );
begin
    execute format('alter table %s add column break_glass text', decisions);
    execute format('create index on %s (break_glass, decision_id) where break_glass is not null', decisions);
    execute format('create or replace view gate_decisions as select * from %s', decisions);
end $$;

-- What runs without a yes where the policy asks for signatures, read deployment by deployment along the index of the bytes, so that the
-- number of sign-offs does not matter. A yes is of the model's own sign-offs, `sign_off_id` is the newest that was one: a sign-off that was
-- never approved has no expiry. While a break-glass is open, that is the yes. While a restored source is being read again its facts are
-- incomplete, and nothing is said.
create view deployments_without_yes as
    with without as (
        select d.deployment_id, d.environment, d.model_id, d.version_id, d.sha256, d.reported_at, (
            select max(s.sign_off_id) from (
                select sign_off_id, model_id, state, expires_at from sign_offs
                where artifact_sha256 = d.sha256 and environment = d.environment offset 0
            ) s
            where s.model_id = d.model_id and s.expires_at is not null and s.state in ('approved', 'revoked', 'invalidated', 'suspended')
        ) as sign_off_id, exists (
            select from break_glasses g
            where g.artifact_sha256 = d.sha256 and g.environment = d.environment and g.model_id = d.model_id
        ) as broken
        from known_deployments d
        where d.sha256 is not null and d.version_id is not null
          and d.environment = any (array(
            select p.environment from current_policies p where jsonb_array_length(p.content -> 'signatures') > 0
          ))
          and not (
            select coalesce(bool_or(s.state = 'approved' and s.expires_at > statement_timestamp() and s.model_id = d.model_id), false)
            from sign_offs s where s.artifact_sha256 = d.sha256 and s.environment = d.environment
          )
          and not exists (
            select from break_glasses g
            where g.artifact_sha256 = d.sha256 and g.environment = d.environment and g.model_id = d.model_id
              and g.closed_at is null and g.ends_at > statement_timestamp()
          )
          and not exists (select from marks where position < rebuild_until)
    )
    select w.*, case when s.sign_off_id is not null then case s.state when 'approved' then 'expired' else s.state end
                     when w.broken then 'break_glass' else 'never' end as because,
           greatest(w.reported_at, case s.state when 'approved' then s.expires_at else s.changed_at end) as since
    from without w left join sign_offs s on s.sign_off_id = w.sign_off_id;
