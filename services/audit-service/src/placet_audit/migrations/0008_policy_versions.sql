-- How many signatures each version of a policy asks for: where none is asked for, nothing runs unapproved.
--
--   policy_versions_pkey (environment, version)   the version that counted in an environment at a time, the newest first

create table policy_versions_g1 (
    environment text not null,
    version     bigint not null,
    signatures  bigint not null,
    defined_at  timestamptz not null,
    from_index  bigint not null,
    constraint policy_versions_pkey primary key (environment, version)
);
create view policy_versions as select * from policy_versions_g1;

-- Of the entries that the views include already.
insert into policy_versions (environment, version, signatures, defined_at, from_index)
select data ->> 'environment', (data ->> 'version')::bigint, jsonb_array_length(data #> '{content,signatures}'), recorded_at, index
from (
    select convert_from(data, 'UTF8')::jsonb as data, recorded_at, index from entries
    where type = 'PolicyDefined' and index <= (select index from projection_marks where name = 'views')
    order by index
) e
on conflict do nothing;
