-- How a model was judged last, and by whom: the levels are among its tags.

-- On the generation that serves: a rebuild takes its columns over.
do $$
declare
    models regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'models'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^models_g[0-9]+$'
    );
begin
    execute format($sql$
        alter table %s
            add qualified_by text,
            add qualified_at timestamptz,
            add qualification_reason_id uuid,
            add qualification_reason_hmac text
    $sql$, models);
    execute format('create or replace view models as select * from %s', models);
end $$;
