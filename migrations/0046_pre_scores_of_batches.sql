-- One transaction, so no index is built beside the running work.
-- squawk-ignore-file require-concurrent-index-creation

-- selection: how the learned model's scores of a batch lay: counts by group of like score, of nobody. score_key: by which training the groups were cut;
-- NULL: nothing was scored. What came in the first week under a model is what later weeks are held against.
ALTER TABLE risk_batch ADD COLUMN score_key bigint;
ALTER TABLE risk_batch ADD COLUMN score_counts integer [];
-- The first and the last week under a model (select_first_scored, select_score_counts).
CREATE INDEX risk_batch_by_score_key ON risk_batch (administration_id, score_key, decided_at) WHERE score_key IS NOT NULL;
