-- What administrators do: parties and keys under a reference of whoever asks, so that asking twice makes one; who did what, and when.
-- One transaction, so no index is built beside the running work; nothing has been released that would wait for long.
-- squawk-ignore-file require-concurrent-index-creation

ALTER TABLE party ADD COLUMN reference text COLLATE "C";
CREATE UNIQUE INDEX party_by_reference ON party (administration_id, reference);

-- The reference of a key is its label, too: its text is shown once and kept nowhere.
ALTER TABLE api_key ADD COLUMN reference text COLLATE "C";
CREATE UNIQUE INDEX api_key_by_reference ON api_key (party_id, reference);

-- kind: a word of ACT_KINDS. actor: key, account or operator of the machine. subject: what it was done to. Append only, but that leaf_id
-- and salt come a moment later: the leaf of the log that commits to the act, and what opens it.
CREATE TABLE administering_act (
    act_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    kind text NOT NULL,
    actor text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL,
    at timestamptz NOT NULL,
    leaf_id bigint,
    salt bytea
);
CREATE INDEX administering_act_unlogged ON administering_act (administration_id, act_id) WHERE leaf_id IS NULL;
CREATE INDEX administering_act_newest ON administering_act (administration_id, act_id);
CALL let_readers_see('administering_act');

-- What waits for a second person, and what became of it. kind: for which the settings ask for one; action: which act it is. person: who
-- proposed it, whichever account or key was used. content: sealed, and gone once it is decided. content_hash: SHA-256 of it in the open.
CREATE TABLE proposal (
    proposal_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    kind text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL,
    actor text NOT NULL,
    person text NOT NULL,
    proposed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    content_hash bytea NOT NULL,
    content bytea,
    state text NOT NULL,
    decided_by text,
    decided_at timestamptz,
    reason text,
    CHECK ((state = 'open') = (content IS NOT NULL))
);
CREATE INDEX proposal_newest ON proposal (administration_id, proposal_id);
-- What nobody decides (select_expired_proposals).
CREATE INDEX proposal_open ON proposal (administration_id, expires_at) WHERE state = 'open';
-- Closed to readers: what is proposed is sealed, and read by those alone who may decide it.
CALL keep_apart('proposal');
