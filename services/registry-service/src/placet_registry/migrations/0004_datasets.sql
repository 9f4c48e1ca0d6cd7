-- Data sets: names for blobs. One row a version, as its event says; `superseded` once the name has a newer one.
--
--   (name, number) primary key                  one version; the versions of a name, the newest first
--   (name) newest, unique                       the newest version; pages of names; no name with two of them
--   (role, name) newest                         pages of the names whose newest version has a role
--   (name_parts(name)) newest                   parts of names that few data sets have

create table datasets_g1 (
    dataset_id    text not null,
    name          text not null collate "C",
    number        integer not null,
    sha256        text not null,
    size          bigint not null,
    format        text not null,
    columns       json,
    rows          bigint,
    period_from   date,
    period_to     date,
    role          text not null,
    owner         text not null,
    registered_by text not null,
    registered_at timestamptz not null,
    superseded    boolean not null default false,
    primary key (name, number)
);
create unique index on datasets_g1 (name) where not superseded;
create index on datasets_g1 (role, name) where not superseded;
create index on datasets_g1 using gin (name_parts(name)) where not superseded;

create view datasets as select * from datasets_g1;
