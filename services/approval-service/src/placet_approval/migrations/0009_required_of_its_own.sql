-- What the newest version of a plan that took effect at once selected itself. Null in rows by processes of the release before: then it is
-- what the plan selects now.

create or replace function pg_temp.table_behind(view_name text) returns regclass language sql as $$
    select distinct c.oid::regclass from pg_depend d
    join pg_rewrite r on r.oid = d.objid
    join pg_class c on c.oid = d.refobjid
    where r.ev_class = view_name::regclass and d.classid = 'pg_rewrite'::regclass
      and c.relkind = 'r' and c.relname ~ ('^' || view_name || '_g[0-9]+$')
$$;

do $$
declare
    plans regclass := pg_temp.table_behind('known_plans');
begin
    execute format(
        'alter table %s add required_lookup text[], add required_every_model boolean, add required_patterns text[]', plans);
    execute format('create or replace view known_plans as select * from %s', plans);
end $$;

create function required_at_once(plan known_plans, environment text, model known_models) returns boolean language sql immutable as $$
    select plan_fits(coalesce(plan.required_lookup, plan.lookup), coalesce(plan.required_every_model, plan.every_model),
                     coalesce(plan.required_patterns, plan.patterns),
                     plan_keys(environment, model.model_id, model.name, model.tags), model.name)
$$;
