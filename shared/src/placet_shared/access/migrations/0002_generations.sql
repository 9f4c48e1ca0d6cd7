-- Each table that is made from events becomes the first generation of itself behind a view of its name, which is read and written
-- through: a rebuild fills the next generation beside it, and `create or replace view` swaps them (CONSISTENCY rule 23).

alter table credentials rename to credentials_g1;
alter table holders rename to holders_g1;

create view credentials as select * from credentials_g1;
create view holders as select * from holders_g1;
