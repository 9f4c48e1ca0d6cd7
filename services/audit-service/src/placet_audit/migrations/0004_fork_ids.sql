-- A fork names events, not only positions (CONSISTENCY rule 27): the last one that the source lost, and the last one that it kept.
alter table forks add column lost_id uuid;
alter table forks add column kept_id uuid;
