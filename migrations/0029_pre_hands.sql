-- squawk-ignore-file require-concurrent-index-creation
-- tasks: who has what in hand (count_in_hands, and the queue of one officer); few of the open ones are in anybody's.
CREATE INDEX task_by_owner ON task (administration_id, owner_id, lands_at, task_id) WHERE closed_at IS NULL AND owner_id IS NOT NULL;
