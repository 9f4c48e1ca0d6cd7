-- Subjects that came with later releases.

comment on column timeline.subject is 'what it is about: a model''s id, else a person, policy, plan, environment, blob or data set';
