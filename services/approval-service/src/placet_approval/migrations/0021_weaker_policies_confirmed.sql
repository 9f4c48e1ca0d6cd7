-- A policy that asks for less than the one in force is a change that a second admin confirms. A suspension is kept beside the noes, by the
-- bytes.
--
-- On the generation that serves: a rebuild takes its columns over.
do $$
declare
    changes regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'access_changes'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^access_changes_g[0-9]+$'
    );
    noes regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'standing_noes'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^standing_noes_g[0-9]+$'
    );
    kinds text;
begin
    for kinds in select conname from pg_constraint where conrelid = changes and contype = 'c' and pg_get_constraintdef(oid) like '%access_policy%'
    loop
        execute format('alter table %s drop constraint %I', changes, kinds);
    end loop;
    execute format($sql$
        alter table %s
            add constraint access_changes_kind check (kind in ('roles', 'token', 'access_policy', 'policy')),
            add policy jsonb
    $sql$, changes);
    for kinds in select conname from pg_constraint where conrelid = noes and contype = 'c' and pg_get_constraintdef(oid) like '%revoked%'
    loop
        execute format('alter table %s drop constraint %I', noes, kinds);
    end loop;
    execute format('alter table %s add constraint standing_noes_kind check (kind in (%L, %L, %L))', noes, 'rejected', 'revoked', 'suspended');
    execute format('create or replace view access_changes as select * from %s', changes);
end $$;
