-- repayment_plan: what goes back of a charge that was annulled: who said so (terms), what it comes to (totals), by which files (the hashes of the
-- lines, a charge each, and of the orders). No names. approved_at: by another person than whoever made it, by a proposal. What was written of its lines and orders
-- stands in the transaction that wrote them, so that a run that was cut off goes on where it was.
CREATE TABLE repayment_plan (
    plan_id bigint PRIMARY KEY,
    orders_count bigint NOT NULL,
    lines_count bigint NOT NULL,
    lines_written_count bigint NOT NULL DEFAULT 0,
    orders_written_count bigint NOT NULL DEFAULT 0,
    made_at timestamptz NOT NULL,
    approved_at timestamptz,
    begun_at timestamptz,
    finished_at timestamptz,
    administration_id smallint NOT NULL,
    made_by text NOT NULL,
    title text NOT NULL,
    terms jsonb NOT NULL,
    totals jsonb NOT NULL,
    lines_hash bytea NOT NULL,
    orders_hash bytea NOT NULL,
    CHECK (lines_written_count BETWEEN 0 AND lines_count),
    CHECK (orders_written_count BETWEEN 0 AND orders_count)
);
-- Plans of an administration, the newest first (select_plans).
CREATE INDEX repayment_plan_newest ON repayment_plan (administration_id, plan_id);
CALL let_readers_see('repayment_plan');
