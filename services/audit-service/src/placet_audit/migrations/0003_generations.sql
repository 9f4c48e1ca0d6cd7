-- Each table of the views becomes the first generation of itself behind a view of its name, which is read and written through:
-- a rebuild fills the next generation beside it, and `create or replace view` swaps them (CONSISTENCY rule 23).

alter table known_models rename to known_models_g1;
alter table known_versions rename to known_versions_g1;
alter table timeline_rows rename to timeline_rows_g1;
alter table deployment_spans rename to deployment_spans_g1;
alter table sign_off_spans rename to sign_off_spans_g1;
alter table approval_spans rename to approval_spans_g1;

create view known_models as select * from known_models_g1;
create view known_versions as select * from known_versions_g1;
create view timeline_rows as select * from timeline_rows_g1;
create view deployment_spans as select * from deployment_spans_g1;
create view sign_off_spans as select * from sign_off_spans_g1;
create view approval_spans as select * from approval_spans_g1;

-- The same again: until now it meant the tables, which have other names by now.
create or replace view timeline as
select t.index, t.logged_at, t.recorded_at, t.source, t.position, t.type, t.result, t.subject, t.model_id, m.name as model_name,
       t.version_id, v.number as version_number, t.environment, t.actor, t.on_behalf_of, t.correlation, t.event_id, t.details
from timeline_rows t
left join known_models m on m.model_id = t.model_id
left join known_versions v on v.version_id = t.version_id;
