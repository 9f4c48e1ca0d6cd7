-- Each table that is made from events becomes the first generation of itself behind a view of its name, which is read and written
-- through: a rebuild fills the next generation beside it, and `create or replace view` swaps them (CONSISTENCY rule 23).
-- The constraints between sign-offs and what belongs to them go: rows follow from events, and a generation has only its own.

alter table approvals drop constraint approvals_sign_off_id_fkey;
alter table sign_off_acts drop constraint sign_off_acts_sign_off_id_fkey;

alter table people rename to people_g1;
alter table service_accounts rename to service_accounts_g1;
alter table tokens rename to tokens_g1;
alter table policies rename to policies_g1;
alter table sign_offs rename to sign_offs_g1;
alter table approvals rename to approvals_g1;
alter table sign_off_acts rename to sign_off_acts_g1;
alter table gate_decisions rename to gate_decisions_g1;
alter table known_models rename to known_models_g1;
alter table known_versions rename to known_versions_g1;
alter table known_environments rename to known_environments_g1;
alter table known_runs rename to known_runs_g1;

create view people as select * from people_g1;
create view service_accounts as select * from service_accounts_g1;
create view tokens as select * from tokens_g1;
create view policies as select * from policies_g1;
create view sign_offs as select * from sign_offs_g1;
create view approvals as select * from approvals_g1;
create view sign_off_acts as select * from sign_off_acts_g1;
create view gate_decisions as select * from gate_decisions_g1;
create view known_models as select * from known_models_g1;
create view known_versions as select * from known_versions_g1;
create view known_environments as select * from known_environments_g1;
create view known_runs as select * from known_runs_g1;

-- The same again: until now they meant the tables, which have other names by now.
create or replace view holders as
    select person_id as holder_id, 'person' as kind, roles, active from people
    union all
    select account_id, 'service_account', roles, active from service_accounts;

create or replace view current_policies as
    select distinct on (environment) * from policies order by environment, version desc;
