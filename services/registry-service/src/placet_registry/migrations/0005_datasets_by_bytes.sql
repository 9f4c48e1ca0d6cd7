-- datasets
--   (sha256, name, number)   the names of these bytes, in their order

-- On the generation that serves: a rebuild takes its indexes over.
do $$
declare
    datasets regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'datasets'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^datasets_g[0-9]+$'
    );
begin
    execute format('create index on %s (sha256, name, number)', datasets);
end $$;
