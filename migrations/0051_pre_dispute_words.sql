-- data quality: what is said in a dispute may name people, so it lies in the vault. statement_id: under which, and `statement` is empty; NULL: it
-- was said before this, and stands in `statement`.
ALTER TABLE quality_dispute ADD COLUMN statement_id bigint;
ALTER TABLE quality_dispute_answer ADD COLUMN statement_id bigint;
