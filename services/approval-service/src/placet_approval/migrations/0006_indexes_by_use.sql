-- Indexes that questions use, and none besides: each page is read along one of them in steps that do not grow with the data.
--
-- people, people_names, service_accounts
--   primary keys, unique names               one by id or by name; pages
-- tokens
--   primary key, unique (token_sha256)       one token; the credential of a request; pages
--   (holder_id, token_id)                    pages of a holder's tokens
-- sign_offs
--   primary key                              one sign-off; pages
--   (version_id, environment, requested_at)  those of a version, for the gate and in a list
--   (environment) open                       those that a change may have outdated
--   (artifact_sha256, environment)           those of the same bytes
--   (model_id, sign_off_id), (environment, sign_off_id), (environment, model_id, sign_off_id)
--                                            pages by these; the columns with few values come first, since the planner would rather
--                                            sort all rows of one model than find those it seeks
--   pending: (sign_off_id), (model_id, sign_off_id), (environment, sign_off_id)
--                                            the same of those that wait for people, which may be few among many
--   pending: roles                           those that wait for people with one of these roles
-- approvals, sign_off_acts, standing_noes, gate_decisions, known_…
--   as they were: by their primary keys, and by what the gate asks for

create function pg_temp.table_behind(view_name text) returns regclass language sql as $$
    select distinct c.oid::regclass from pg_depend d
    join pg_rewrite r on r.oid = d.objid
    join pg_class c on c.oid = d.refobjid
    where r.ev_class = view_name::regclass and d.classid = 'pg_rewrite'::regclass
      and c.relkind = 'r' and c.relname ~ ('^' || view_name || '_g[0-9]+$')
$$;

-- On the generations that serve: a rebuild takes their indexes over.
do $$
declare
    sign_offs regclass := pg_temp.table_behind('sign_offs');
    tokens    regclass := pg_temp.table_behind('tokens');
    unused    regclass;
begin
    execute format('create index on %s (model_id, sign_off_id)', sign_offs);
    execute format('create index on %s (environment, sign_off_id)', sign_offs);
    execute format('create index on %s (environment, model_id, sign_off_id)', sign_offs);
    execute format('create index on %s (sign_off_id) where state = %L', sign_offs, 'pending');
    execute format('create index on %s (model_id, sign_off_id) where state = %L', sign_offs, 'pending');
    execute format('create index on %s (environment, sign_off_id) where state = %L', sign_offs, 'pending');
    execute format(
        'create index on %s using gin (jsonb_path_query_array(signatures, %L)) where state = %L', sign_offs, '$[*].any_of[*]', 'pending');
    execute format('create index on %s (holder_id, token_id)', tokens);
    for unused in select indexrelid::regclass from pg_index where indrelid = tokens and pg_get_indexdef(indexrelid) like '%(holder_id)'
    loop
        execute format('drop index %s', unused);
    end loop;
end $$;
