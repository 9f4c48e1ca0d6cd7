-- What an inbox is read by: requests of one person, signatures of one person by the end of what they signed.
--
-- sign_offs
--   (requester_id, sign_off_id)              pages of a person's requests
-- signed_endings
--   (person_id, ended_at)                    what a person signed that has ended, the latest end first

-- When a sign-off that a person signed ends or has ended: an approved one expires at that time, unless it ends before.
create table signed_endings_g1 (
    person_id   text not null,
    sign_off_id text not null,
    ended_at    timestamptz not null,
    primary key (sign_off_id, person_id)
);
create index on signed_endings_g1 (person_id, ended_at);
create view signed_endings as select * from signed_endings_g1;

-- As the events of before would have made them.
insert into signed_endings
select a.person_id, a.sign_off_id, case s.state when 'approved' then s.expires_at else s.changed_at end
from approvals a join sign_offs s using (sign_off_id)
where s.state <> 'pending' and (s.state <> 'approved' or s.expires_at is not null);
-- A comment may have come after the end.
update signed_endings e set ended_at = a.acted_at
from sign_off_acts a
where a.sign_off_id = e.sign_off_id and a.act in ('rejected', 'withdrawn', 'revoked', 'invalidated');

-- On the generation that serves: a rebuild takes its indexes over.
do $$
declare
    sign_offs regclass := (
        select distinct c.oid::regclass from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class c on c.oid = d.refobjid
        where r.ev_class = 'sign_offs'::regclass and d.classid = 'pg_rewrite'::regclass
          and c.relkind = 'r' and c.relname ~ '^sign_offs_g[0-9]+$'
    );
begin
    execute format('create index on %s (requester_id, sign_off_id)', sign_offs);
end $$;
