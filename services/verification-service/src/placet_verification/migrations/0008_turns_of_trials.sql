-- When trials of a person were served last, so that people take turns; gone after a crash like the trials themselves.

create unlogged table row_trial_turns (
    requested_by text primary key,
    served_at    timestamptz not null
);
