-- Whose run a job is, so that people take turns.
--
-- jobs
--   (requested_by, model_id, due_at)              whose turn it is: one probe a person, then one a model of that person
-- attempts
--   (requested_by, started_at), (requested_by, model_id, started_at)
--                                                 when a person, and a model of a person, was served last
-- Both columns are '' in rows that a replica of the release before has written: these jobs wait as those of one more person.

alter table jobs
    add column requested_by text not null default '',
    add column model_id text not null default '';
update jobs j set requested_by = r.requested_by, model_id = r.model_id from runs r where r.run_id = j.run_id;
create index jobs_by_person on jobs (requested_by, model_id, due_at);

alter table attempts
    add column requested_by text not null default '',
    add column model_id text not null default '';
create index attempts_by_person on attempts (requested_by, started_at);
create index attempts_by_model on attempts (requested_by, model_id, started_at);
