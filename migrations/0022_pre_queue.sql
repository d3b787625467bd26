-- Tables of one node, in a transaction of the migration: what builds an index waits for nothing there.
-- squawk-ignore-file require-concurrent-index-creation
-- tasks: what is due, in that order (put_ended_on_top): hearings, questions and appeals, which are few beside decisions.
CREATE INDEX task_by_due ON task (administration_id, due_at) WHERE closed_at IS NULL AND due_at IS NOT NULL;

-- acts: one measure that an officer means to take on many cases. content_hash: of all that he said, which he sends again to confirm; his words
-- are not here. rule_id: the open reason that all of them have. case_count: of its rows below.
CREATE TABLE bulk_act (
    bulk_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    case_count integer NOT NULL,
    drawn_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    acting_user text NOT NULL,
    kind text COLLATE "C" NOT NULL,
    rule_id text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL
);
-- A reference is used once by its party (insert_bulk_act).
CREATE UNIQUE INDEX bulk_act_by_reference ON bulk_act (administration_id, party_id, reference);

CALL keep_apart('bulk_act');

-- acts: the cases of a bulk act. is_sample: it was drawn to be opened before anything is done; opened_at: when it was.
CREATE TABLE bulk_act_case (
    bulk_id bigint NOT NULL REFERENCES bulk_act ON DELETE CASCADE,
    place smallint NOT NULL,
    administration_id smallint NOT NULL,
    is_sample boolean NOT NULL,
    case_id bigint NOT NULL,
    consignment_id bigint NOT NULL,
    opened_at timestamptz,
    PRIMARY KEY (bulk_id, place)
);

CALL keep_apart('bulk_act_case');
