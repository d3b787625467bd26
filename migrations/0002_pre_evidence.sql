-- The append-only log: promised batches, where they lie in the log, tiles, checkpoints. No salt and no personal value is here.
-- One log belongs to the node; each batch to one administration.

-- One row per batch, written in the transaction that stores what the batch decided. Never updated.
-- batch_id is the first leaf's id. leaf_ids: the runs of ids that count up; leaf_head: what all leaves have in common; commitments: those
-- of each leaf, joined (`serai.evidence.leaf.PackedLeaves`). So a leaf costs neither a row nor an index entry.
CREATE TABLE log_batch (
    batch_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    last_leaf_id bigint NOT NULL,
    leaf_count integer NOT NULL,
    leaf_ids bytea NOT NULL,
    leaf_head bytea NOT NULL,
    commitments bytea NOT NULL,
    promise text NOT NULL,
    promised_at timestamptz NOT NULL
);
-- Commitments do not compress; EXTERNAL also lets a part be read without the whole.
ALTER TABLE log_batch ALTER COLUMN leaf_ids SET STORAGE EXTERNAL;
ALTER TABLE log_batch ALTER COLUMN commitments SET STORAGE EXTERNAL;

-- Batches that wait for the integrator: written with log_batch, deleted on integration, so always small.
CREATE TABLE log_pending (
    batch_id bigint PRIMARY KEY REFERENCES log_batch,
    administration_id smallint NOT NULL REFERENCES administration
);

-- Where a batch lies: its leaves have the indices first_index to first_index + leaf_count - 1.
CREATE TABLE log_integrated (
    first_index bigint PRIMARY KEY,
    batch_id bigint NOT NULL UNIQUE REFERENCES log_batch,
    administration_id smallint NOT NULL REFERENCES administration,
    leaf_count integer NOT NULL,
    integrated_at timestamptz NOT NULL
);

-- Tiles hold hashes only and are public. The last tile of each level grows until it holds 256 hashes.
CREATE TABLE log_tile (
    level smallint NOT NULL,
    tile_index bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (level, tile_index)
);
ALTER TABLE log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- Every checkpoint ever signed, so that consistency between any two can be shown.
-- is_witnessed: a quorum of witnesses has signed it too.
CREATE TABLE log_checkpoint (
    tree_size bigint PRIMARY KEY,
    origin text NOT NULL,
    root bytea NOT NULL,
    note text NOT NULL,
    signed_at timestamptz NOT NULL,
    is_witnessed boolean NOT NULL DEFAULT false
);
-- The newest that a quorum has signed (select_witnessed_checkpoint): while witnesses are away, thousands after it have none.
CREATE INDEX log_checkpoint_witnessed ON log_checkpoint (tree_size) WHERE is_witnessed;

-- What witnesses have signed: their lines under a checkpoint.
CREATE TABLE log_cosignature (
    tree_size bigint NOT NULL REFERENCES log_checkpoint,
    witness_key text NOT NULL,
    line text NOT NULL,
    signed_at timestamptz NOT NULL,
    PRIMARY KEY (tree_size, witness_key)
);

-- Each witness by its key: how much of the log it has signed, as far as we know, and when to ask it next; one process asks at a time.
-- fault_code: why it has not signed the last time; empty, it has. asked_at: when next_try_at was set; where that is later than now, the
-- clock was set back.
CREATE TABLE log_witness (
    witness_key text PRIMARY KEY,
    signed_size bigint NOT NULL,
    next_try_at timestamptz NOT NULL,
    asked_at timestamptz NOT NULL,
    failures_count integer NOT NULL,
    failing_since timestamptz,
    fault_code text NOT NULL
);

CALL let_readers_see('log_batch');
CALL let_readers_see('log_pending');
CALL let_readers_see('log_integrated');
-- Public, and of the node's one log: whoever integrates writes them, as the owner.
GRANT SELECT ON log_tile, log_checkpoint, log_cosignature, log_witness TO serai_reader, serai_writer;
