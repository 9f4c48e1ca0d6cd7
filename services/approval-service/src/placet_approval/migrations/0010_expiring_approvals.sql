-- sign_offs: (expires_at) approved    those that expire soon, which are few among all that were ever approved

-- On the generation that serves: a rebuild takes its indexes over.
do $$
declare
    sign_offs regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'sign_offs'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^sign_offs_g[0-9]+$'
    );
begin
    execute format('create index on %s (expires_at) where state = %L', sign_offs, 'approved');
end $$;
