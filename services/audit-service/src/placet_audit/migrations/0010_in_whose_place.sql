-- A signature may be given in another person's place. A rebuild fills it for signatures of before.

do $$
declare
    spans regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'approval_spans'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^approval_spans_g[0-9]+$'
    );
begin
    execute format('alter table %s add on_behalf_of text', spans);
    execute format('create or replace view approval_spans as select * from %s', spans);
end $$;
