-- Each table that is made from events becomes the first generation of itself behind a view of its name, which is read and written
-- through: a rebuild fills the next generation beside it, and `create or replace view` swaps them (CONSISTENCY rule 23).

alter table models rename to models_g1;
alter table versions rename to versions_g1;
alter table blobs rename to blobs_g1;
alter table environments rename to environments_g1;
alter table deployments rename to deployments_g1;

create view models as select * from models_g1;
create view versions as select * from versions_g1;
create view blobs as select * from blobs_g1;
create view environments as select * from environments_g1;
create view deployments as select * from deployments_g1;
