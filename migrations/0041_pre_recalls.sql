-- Recalls that suspend: what they have found, whom that was told, and what platforms have answered.
-- squawk-ignore-file require-concurrent-index-creation

-- recalls: effect task: an officer looks at what is found; suspension: what is certainly meant is suspended, an officer looks at the rest.
-- ground_code: of laws/recalls.yaml. confirming_user: who let it take effect. withdrawn_at: since when it was wrong; undone_at: since when
-- all that it did is undone.
ALTER TABLE recall ADD COLUMN effect text COLLATE "C" NOT NULL DEFAULT 'task';
ALTER TABLE recall ADD COLUMN ground_code text COLLATE "C";
ALTER TABLE recall ADD COLUMN confirming_user text;
ALTER TABLE recall ADD COLUMN withdrawn_at timestamptz;
ALTER TABLE recall ADD COLUMN withdrawal_reason_code text COLLATE "C";
ALTER TABLE recall ADD COLUMN withdrawing_user text;
ALTER TABLE recall ADD COLUMN undone_at timestamptz;
-- What every process looks for in what comes (select_in_force).
CREATE INDEX recall_in_force ON recall (administration_id)
WHERE effect = 'suspension' AND confirmed_at IS NOT NULL AND ended_at IS NULL;

-- recalls: a consignment that holds goods which a recall means (sureness 1) or may mean (2). is_released: it was released when it was found.
-- act_id: by which it was suspended; 0: nothing had to be, or could be, done; null: not yet. told_at: since when its parties know.
-- ended_by: the act that took that back, 0: there was nothing to take back.
CREATE TABLE recall_hit (
    recall_id bigint NOT NULL,
    consignment_id bigint NOT NULL,
    case_id bigint NOT NULL,
    found_at timestamptz NOT NULL,
    told_at timestamptz,
    act_id bigint,
    ended_by bigint,
    administration_id smallint NOT NULL,
    sureness smallint NOT NULL,
    is_released boolean NOT NULL,
    PRIMARY KEY (recall_id, consignment_id)
);
-- What is to be done still (select_to_reach), and to be told (select_to_tell).
CREATE INDEX recall_hit_to_reach ON recall_hit (recall_id, consignment_id) WHERE act_id IS NULL;
CREATE INDEX recall_hit_to_tell ON recall_hit (recall_id, consignment_id) WHERE told_at IS NULL;
-- Of one parcel, for its buyer (select_recalls_of).
CREATE INDEX recall_hit_by_consignment ON recall_hit (consignment_id);
CALL let_readers_see('recall_hit');

-- recalls: a platform that is asked to take offers of recalled goods down, until due_at. answer: a code. overdue_told_at: since when it
-- knows that it is late.
CREATE TABLE recall_take_down (
    recall_id bigint NOT NULL,
    party_id bigint NOT NULL,
    case_id bigint NOT NULL,
    told_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    answered_at timestamptz,
    overdue_told_at timestamptz,
    administration_id smallint NOT NULL,
    answer text COLLATE "C",
    answering_user text,
    PRIMARY KEY (recall_id, party_id)
);
-- A platform's own, newest first (select_take_downs).
CREATE INDEX recall_take_down_by_party ON recall_take_down (party_id, told_at);
CALL let_readers_see('recall_take_down');
