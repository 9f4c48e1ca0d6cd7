-- Each table that is made from events becomes the first generation of itself behind a view of its name, which is read and written
-- through: a rebuild fills the next generation beside it, and `create or replace view` swaps them (CONSISTENCY rule 23).

alter table plans rename to plans_g1;
alter table runs rename to runs_g1;

create view plans as select * from plans_g1;
create view runs as select * from runs_g1;
