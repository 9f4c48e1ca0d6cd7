-- Rounds, feedback, conditions and deadlines of sign-offs.
--
-- sign_offs: (least(remind_at, escalate_at, ends_at)) pending   what is due next
--            pending: roles that give feedback                 those that wait for people with one of these roles
--            (review_at) approved                              approvals for which a review is to be asked for
--            (environment) open                                now with those that are suspended
--            (artifact_sha256, environment) with issues        issues on the bytes, which the next request carries on

-- Advisory checks that were not met, by run: a policy may ask that people waive them before others sign.
create table known_findings_g1 (
    run_id   text not null,
    plan     text not null,
    check_id text not null,
    primary key (run_id, check_id)
);
create view known_findings as select * from known_findings_g1;

-- They stood in events that were applied without them: verification's are read anew. Until that is done the gate denies.
delete from known_plans;
delete from known_runs;
delete from known_run_places;
delete from parked_events where source = 'verification';
update marks set rebuild_until = greatest(position, rebuild_until), epoch = 0, position = 0, event_id = null, recorded_at = null
where source = 'verification';

-- On the generation that serves: a rebuild takes its columns and indexes over.
do $$
declare
    sign_offs regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'sign_offs'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^sign_offs_g[0-9]+$'
    );
    unused text;
begin
    for unused in select conname from pg_constraint where conrelid = sign_offs and contype = 'c' and pg_get_constraintdef(oid) like '%withdrawn%'
    loop
        execute format('alter table %s drop constraint %I', sign_offs, unused);
    end loop;
    execute format($sql$
        alter table %s
            add constraint sign_offs_state check (
                state in ('pending', 'approved', 'suspended', 'rejected', 'withdrawn', 'expired', 'invalidated', 'revoked')),
            add round integer not null default 1,
            add feedback_terms jsonb not null default '[]',
            add in_sequence boolean not null default false,
            add feedback jsonb not null default '[]',
            add issues jsonb not null default '{}',
            add conditions jsonb not null default '{}',
            add changes_requested boolean not null default false,
            add remind_at timestamptz,
            add escalate_at timestamptz,
            add escalate_to text,
            add ends_at timestamptz,
            add longest_until timestamptz,
            add review_at timestamptz
    $sql$, sign_offs);
    execute format('create index on %s (least(remind_at, escalate_at, ends_at)) where state = %L', sign_offs, 'pending');
    execute format(
        'create index on %s using gin (jsonb_path_query_array(feedback_terms, %L)) where state = %L', sign_offs, '$[*].any_of[*]', 'pending');
    execute format('create index on %s (review_at) where state = %L', sign_offs, 'approved');
    execute format('create index on %s (environment) where state in (%L, %L, %L)', sign_offs, 'pending', 'approved', 'suspended');
    execute format('create index on %s (artifact_sha256, environment) where issues <> %L', sign_offs, '{}');
    for unused in
        select indexrelid::regclass::text from pg_index
        where indrelid = sign_offs and pg_get_indexdef(indexrelid) like '%(environment) WHERE%'
          and pg_get_indexdef(indexrelid) not like '%suspended%'
    loop
        execute format('drop index %s', unused);
    end loop;
    execute format('create or replace view sign_offs as select * from %s', sign_offs);
end $$;
