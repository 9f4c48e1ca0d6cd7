-- A sign-off may be approved in several rounds, and be suspended meanwhile: each time has a row of its own.

do $$
declare
    spans regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'sign_off_spans'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^sign_off_spans_g[0-9]+$'
    );
    key text := (select conname from pg_constraint where conrelid = spans and contype = 'p');
begin
    execute format('alter table %s drop constraint %I, add constraint %I primary key (sign_off_id, from_index)', spans, key, key);
    execute format('alter table %s add suspended boolean not null default false', spans);
    execute format('create or replace view sign_off_spans as select * from %s', spans);
end $$;
