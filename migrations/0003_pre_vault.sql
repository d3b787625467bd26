-- The vault: sealed persons and messages of each batch, who read them, what was erased. Keys are elsewhere: outside this database.

-- Public facts on epoch keys. generation grows with each erasure in the epoch.
CREATE TABLE vault_epoch (
    epoch_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    generation smallint NOT NULL,
    opened_at timestamptz NOT NULL,
    rotated_at timestamptz
);

-- One row a batch (and what is kept for the same time), named after its first document; cut by time, so that a partition can be
-- dropped when its retention ends.
-- sealed: each person's part under a key of its own, then blocks of messages. directory: which part is whose, and where. wrapped_keys: the
-- keys, under the epoch's key. first_id, last_id: of all documents and persons in it. Bytes are laid out as `vault/layout.py` says.
-- epoch_id has no foreign key: checked once a batch.
CREATE TABLE vault_batch (
    batch_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    retention_class text NOT NULL,
    format smallint NOT NULL,
    epoch_id bigint NOT NULL,
    generation smallint NOT NULL,
    first_id bigint NOT NULL,
    last_id bigint NOT NULL,
    directory bytea NOT NULL,
    wrapped_keys bytea NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (batch_id)
) PARTITION BY RANGE (batch_id);
-- Whoever reads or erases a document or a person.
CREATE INDEX vault_batch_by_ids ON vault_batch USING gist (int8range(first_id, last_id, '[]'));
-- An erasure, which re-wraps the keys of an epoch.
CREATE INDEX vault_batch_by_epoch ON vault_batch (epoch_id);
-- Kept as they are, so that a part is read without the rest: ciphertext does not compress.
ALTER TABLE vault_batch ALTER COLUMN directory SET STORAGE EXTERNAL;
ALTER TABLE vault_batch ALTER COLUMN wrapped_keys SET STORAGE EXTERNAL;
ALTER TABLE vault_batch ALTER COLUMN sealed SET STORAGE EXTERNAL;

CALL cut_by_time('vault_batch');

-- Dictionaries that messages were compressed with, for ever. They hold no personal data, and are the node's: made at a start, as the owner.
CREATE TABLE vault_dictionary (
    dictionary_id bigint PRIMARY KEY,
    content bytea NOT NULL,
    created_at timestamptz NOT NULL
);

-- Each reach into the vault, written before anything is opened: one line for all subjects in one row of vault_batch. subject_ids and
-- record_ids belong together place by place: a person and its document, or a message twice. administration_id has no foreign key: checking
-- it costs more than the line.
CREATE TABLE vault_read (
    read_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    administration_id smallint NOT NULL,
    kind text NOT NULL,
    first_subject_id bigint NOT NULL,
    last_subject_id bigint NOT NULL,
    subject_ids bigint[] NOT NULL,
    record_ids bigint[] NOT NULL,
    purpose text NOT NULL,
    actor text NOT NULL,
    read_at timestamptz NOT NULL
);
-- Who read a person's data.
CREATE INDEX vault_read_by_subject ON vault_read USING gist (int8range(first_subject_id, last_subject_id, '[]'));

-- That somebody was erased; nothing of who it was.
CREATE TABLE vault_erasure (
    administration_id smallint NOT NULL REFERENCES administration,
    kind text NOT NULL,
    subject_id bigint NOT NULL,
    ground text NOT NULL,
    actor text NOT NULL,
    erased_at timestamptz NOT NULL,
    PRIMARY KEY (kind, subject_id, erased_at)
);

-- Persons whose erasure was asked for and is not lawful yet (GDPR 18): opened for few purposes, erased once the ground ends. until: null
-- where nobody can date the end. Few.
CREATE TABLE vault_restriction (
    person_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    asked_for text NOT NULL,
    ground text NOT NULL,
    until timestamptz,
    actor text NOT NULL,
    restricted_at timestamptz NOT NULL,
    read_at timestamptz NOT NULL
);

CALL let_readers_see('vault_epoch');
CALL let_readers_see('vault_restriction');
CALL let_readers_see('vault_read');
CALL let_readers_see('vault_erasure');
-- Sealed rows are opened by the vault only, with a purpose: closed to readers.
CALL keep_apart('vault_batch');
GRANT SELECT ON vault_dictionary TO serai_writer;
-- Found by ranges of ids.
CALL let_find_own('vault_batch', false);
CALL let_find_own('vault_read', true);
