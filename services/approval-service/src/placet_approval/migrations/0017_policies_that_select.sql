-- Several policies in an environment, that select models as plans do, and from when a version of one counts.
--
-- policies
--   primary key                  the versions that sign-offs are bound to
--   (environment) in question    what may be in force there
-- sign_offs: (model_id, environment, expires_at) approved    since when a model has an approval in force

create or replace function pg_temp.table_behind(view_name text) returns regclass language sql as $$
    select distinct c.oid::regclass from pg_depend d
    join pg_rewrite r on r.oid = d.objid
    join pg_class c on c.oid = d.refobjid
    where r.ev_class = view_name::regclass and d.classid = 'pg_rewrite'::regclass
      and c.relkind = 'r' and c.relname ~ ('^' || view_name || '_g[0-9]+$')
$$;

-- `lookup`, `every_model`, `patterns` are those of plans. `in_question` is a version that may be in force for a model: the newest, and those
-- before that are in force until approvals have ended; `at_once` the last one that took effect at once. `revision` is the version of the
-- environment's stream when the row was written last. What was defined before took effect at once.
do $$
declare
    policies regclass := pg_temp.table_behind('policies');
    sign_offs regclass := pg_temp.table_behind('sign_offs');
    unused text;
begin
    for unused in select conname from pg_constraint where conrelid = policies and contype = 'p' loop
        execute format('alter table %s drop constraint %I', policies, unused);
    end loop;
    execute format($sql$
        alter table %s
            alter mode drop not null,
            add primary key (policy_id, version),
            add name text,
            add kind text not null default 'policy' check (kind in ('policy', 'floor')),
            add takes_effect text not null default 'immediately' check (takes_effect in ('next', 'at-renewal', 'immediately')),
            add lookup text[] not null default '{}',
            add every_model boolean not null default true,
            add patterns text[] not null default '{}',
            add in_question boolean not null default true,
            add at_once boolean not null default true,
            add revision integer not null default 0,
            add withdrawn_at timestamptz
    $sql$, policies);
    execute format('create index on %s (environment) where in_question', policies);
    execute format('create or replace view policies as select * from %s', policies);
    execute format('alter table %s add approved_at timestamptz', sign_offs);
    execute format('create or replace view sign_offs as select * from %s', sign_offs);
    execute format('create index on %s (model_id, environment, expires_at) where state = %L', sign_offs, 'approved');
end $$;

update policies p
set lookup = array[environment || ' *'], revision = version,
    in_question = version = (select max(o.version) from policies o where o.policy_id = p.policy_id),
    at_once = version = (select max(o.version) from policies o where o.policy_id = p.policy_id);
update sign_offs s set approved_at = (select max(a.granted_at) from approvals a where a.sign_off_id = s.sign_off_id)
where s.expires_at is not null;

-- The environments' own, without what is for some models only.
create or replace view current_policies as
    select distinct on (environment) * from policies where name is null and kind = 'policy' order by environment, version desc;

-- How specific the entry is that fits best, null when none fits; the meaning is `domain/policies_in_force`. `keys` are `plan_keys`.
create function policy_rank(lookup text[], every_model boolean, patterns text[], keys text[], name text) returns integer
language sql immutable as $$
    select case when not lookup && keys then null
                when every_model then 0
                when lookup && keys[2:3] then 3000000
                when lookup && keys[4:] then 2000000
                else (select 1000000 + max(length(regexp_replace(regexp_replace(p, '\\(.)', 'x', 'g'), '%', '', 'g')))
                      from unnest(patterns) p where name like p) end
$$;

-- What is in force for a model, by the newest versions, or by those of a time: the most specific policies that select it, and the floors
-- that do. Those that wait for the end of an approval count here already, since what asks has none.
create function policies_in_force(environment text, model_id text, name text, tags jsonb, as_of timestamptz)
returns table (policy_id text, version integer, kind text, policy_name text, content jsonb) language sql stable as $$
    select f.policy_id, f.version, f.kind, f.name, f.content from (
        select p.*, max(case when p.kind = 'policy' then p.rank end) over () as most from (
            select distinct on (q.policy_id) q.*,
                   policy_rank(q.lookup, q.every_model, q.patterns, plan_keys($1, $2, $3, $4), $3) as rank
            from policies q
            where q.environment = $1 and case when $5 is null then q.in_question
                                              else q.defined_at <= $5 and (q.withdrawn_at is null or q.withdrawn_at > $5) end
            order by q.policy_id, q.version desc
        ) p
    ) f
    where f.rank is not null and f.most is not null and (f.kind = 'floor' or f.rank = f.most)
$$;

-- Of a version: what is in force for its model, and beside that for the models that had a version of the same bytes before.
create function policies_of_version(environment text, version_id text, as_of timestamptz default null)
returns table (policy_id text, version integer, kind text, policy_name text, content jsonb, own boolean) language sql stable as $$
    select f.policy_id, f.version, f.kind, f.policy_name, f.content, bool_or(m.model_id = v.model_id)
    from known_versions v
    join known_versions o on o.artifact_sha256 = v.artifact_sha256 and (o.registered_at, o.version_id) <= (v.registered_at, v.version_id)
    join known_models m on m.model_id = o.model_id
    cross join lateral policies_in_force($1, m.model_id, m.name, m.tags, $3) f
    where v.version_id = $2
    group by f.policy_id, f.version, f.kind, f.policy_name, f.content
$$;

-- Whether a version needs signatures; null where no policy is for it. It is asked last, of what nothing cheaper excludes.
create function asks_for_signatures(environment text, version_id text, as_of timestamptz default null) returns boolean
language sql stable cost 100000 as $$
    select bool_or(jsonb_array_length(coalesce(content -> 'signatures', '[]')) > 0) from policies_of_version($1, $2, $3)
$$;

-- Whether any policy there asks for some: where none does, nothing has to be looked at.
create function may_ask_for_signatures(environment text) returns boolean language sql stable as $$
    select exists (
        select from policies p
        where p.environment = $1 and p.in_question and jsonb_array_length(coalesce(p.content -> 'signatures', '[]')) > 0)
$$;

-- The versions that a sign-off is bound to: its policy, and those that raise it.
create function bound_versions(policy jsonb) returns table (policy_id text, version integer) language sql immutable as $$
    select id, version from jsonb_to_recordset(jsonb_build_array($1) || coalesce($1 -> 'raised_by', '[]')) b (id text, version integer)
$$;

create function bound_excludes(policy jsonb) returns jsonb language sql stable as $$
    select jsonb_agg(distinct part)
    from bound_versions($1) b join policies p using (policy_id, version),
         jsonb_array_elements(p.content #> '{separation_of_duties,exclude}') part
$$;

create or replace view deployments_without_yes as
    with candidates as (
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
          and d.environment = any (array(select e.name from known_environments e where may_ask_for_signatures(e.name)))
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
    from (select * from candidates c where coalesce(asks_for_signatures(c.environment, c.version_id), true)) w
    left join sign_offs s on s.sign_off_id = w.sign_off_id;
