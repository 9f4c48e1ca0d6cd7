-- A yes is what the newest sign-off that was ever approved says, as the gate goes by it: a later one that was taken back, or has ended, hides
-- no earlier one that would still last, and noes on the bytes count.
--
-- sign_off_acts  primary key       how and when a sign-off ended
-- standing_noes  (said_at)         those that are new

do $$
declare
    noes regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'standing_noes'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^standing_noes_g[0-9]+$'
    );
begin
    execute format('create index on %s (said_at)', noes);
end $$;

-- Whether a no or a hold is not answered by a sign-off of the version, which answers `answered` noes; the meaning is
-- `domain/artifact_standing.unanswered`.
create function is_unanswered(
    kind text, ordinal integer, said_of text, said_at timestamptz, answered integer, version_id text, requested_at timestamptz
) returns boolean language sql immutable as $$
    select $1 = 'suspended' or case when $5 is null then not ($3 = $6 and $4 < $7) else $2 > $5 end
$$;

-- What the sign-offs of a model say of bytes in an environment, those of one version or of all that have the bytes (null): of the newest that
-- was ever approved, which has an expiry, how and since when it is no yes any more, nulls while it is one; no row where none was approved.
-- Of a release its other members are asked for their expiry and the noes on their bytes too. What needs the domain is left to the gate:
-- changed facts that have not ended the sign-off yet, contested lineage, the age of evidence, debts, the environment before, a later decision
-- about another member alone.
create function decision_about(artifact_sha256 text, environment text, model_id text, version_id text)
returns table (sign_off_id text, because text, ended_at timestamptz) language sql stable as $$
    select n.sign_off_id, e.because, e.ended_at
    from (
        select * from (
            select s.sign_off_id, s.model_id, s.version_id, s.artifact_sha256, s.state, s.expires_at, s.noes_answered, s.requested_at, s.release_id
            from sign_offs s where s.artifact_sha256 = $1 and s.environment = $2 offset 0
        ) s
        where s.model_id = $3 and ($4 is null or s.version_id = $4)
          and s.expires_at is not null and s.state in ('approved', 'revoked', 'invalidated', 'suspended')
        order by s.sign_off_id desc limit 1
    ) n
    left join lateral (
        select ends.because, ends.ended_at
        from (
            select n.sign_off_id, n.version_id, n.artifact_sha256, n.state, n.expires_at, n.noes_answered, n.requested_at
            union all
            select m.sign_off_id, m.version_id, m.artifact_sha256, m.state, m.expires_at, m.noes_answered, m.requested_at
            from sign_offs m where m.release_id = n.release_id and m.sign_off_id <> n.sign_off_id
        ) m
        cross join lateral (
            select m.state as because, (
                select max(a.acted_at) from sign_off_acts a where a.sign_off_id = m.sign_off_id and a.act = m.state
            ) as ended_at
            where m.state in ('revoked', 'invalidated', 'suspended')
            union all
            select 'expired', m.expires_at where m.state = 'approved' and m.expires_at <= statement_timestamp()
            union all
            select case o.kind when 'suspended' then 'suspended' else 'revoked' end, o.said_at
            from standing_noes o
            where m.state = 'approved' and o.artifact_sha256 = m.artifact_sha256 and o.environment = $2
              and (o.sign_off_id <> m.sign_off_id or o.kind = 'suspended')
              and is_unanswered(o.kind, o.ordinal, o.version_id, o.said_at, m.noes_answered, m.version_id, m.requested_at)
        ) ends
        order by ends.ended_at limit 1
    ) e on true
$$;

-- Read deployment by deployment along the index of the bytes; whether signatures are asked for is asked of what has no yes. `sign_off_id` is the newest that was a yes, `ended_at` when it ended, or the
-- break-glass that let the deployment in after that; `since` is no earlier than the report. While a break-glass is open, that is the yes.
-- While a restored source is being read again its facts are incomplete, and nothing is said.
create or replace view deployments_without_yes as
    with candidates as (
        select d.deployment_id, d.environment, d.model_id, d.version_id, d.sha256, d.reported_at, y.sign_off_id, y.because, y.ended_at, (
            select max(least(g.closed_at, g.ends_at)) from break_glasses g
            where g.artifact_sha256 = d.sha256 and g.environment = d.environment and g.model_id = d.model_id
        ) as let_in_until
        from known_deployments d
        left join lateral decision_about(d.sha256, d.environment, d.model_id, null) y on true
        where d.sha256 is not null and d.version_id is not null
          and d.environment = any (array(select e.name from known_environments e where may_ask_for_signatures(e.name)))
          and case when y.sign_off_id is null or y.because is not null
                   then coalesce(asks_for_signatures(d.environment, d.version_id), true) else false end
          and not exists (
            select from break_glasses g
            where g.artifact_sha256 = d.sha256 and g.environment = d.environment and g.model_id = d.model_id
              and g.closed_at is null and g.ends_at > statement_timestamp()
          )
          and not exists (select from marks where position < rebuild_until)
    )
    select c.deployment_id, c.environment, c.model_id, c.version_id, c.sha256, c.reported_at, c.sign_off_id,
           c.let_in_until is not null as broken,
           coalesce(c.because, case when c.let_in_until is not null then 'break_glass' else 'never' end) as because,
           greatest(c.reported_at, c.ended_at, c.let_in_until) as since,
           greatest(c.ended_at, c.let_in_until) as ended_at
    from candidates c;
