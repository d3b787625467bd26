-- The vault: sealed persons and messages, who read them, what was erased. Keys are elsewhere: outside this database.

-- Public facts on epoch keys. generation grows with each erasure in the epoch.
CREATE TABLE vault_epoch (
    epoch_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    kind text NOT NULL,
    generation smallint NOT NULL,
    opened_at timestamptz NOT NULL,
    rotated_at timestamptz
);

-- One row per person and record (a document); each has its own key. epoch_id has no foreign key: checked once a batch.
CREATE TABLE vault_person (
    administration_id smallint NOT NULL,
    person_id bigint NOT NULL,
    record_id bigint NOT NULL,
    epoch_id bigint NOT NULL,
    wrapped_key bytea NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (person_id, record_id)
);
-- Rows come epoch after epoch, so a block index finds an epoch's rows at almost no cost to writers.
CREATE INDEX vault_person_by_epoch ON vault_person USING brin (epoch_id) WITH (pages_per_range = 32); -- codespell:ignore brin
-- Ciphertext does not compress.
ALTER TABLE vault_person ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- Raw messages, one partition per year so that a year can be dropped when its retention ends.
-- Bounds are ids: milliseconds since 2025-01-01, shifted by 22 bits.
CREATE TABLE vault_message (
    administration_id smallint NOT NULL,
    message_id bigint NOT NULL,
    epoch_id bigint NOT NULL,
    wrapped_key bytea NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (message_id)
) PARTITION BY RANGE (message_id);
CREATE INDEX vault_message_by_epoch ON vault_message USING brin (epoch_id) WITH (pages_per_range = 32); -- codespell:ignore brin
ALTER TABLE vault_message ALTER COLUMN sealed SET STORAGE EXTERNAL;

DO $$
DECLARE
    first_year CONSTANT integer := 2026;
    last_year CONSTANT integer := 2031;
BEGIN
    FOR year IN first_year .. last_year LOOP
        EXECUTE format(
            'CREATE TABLE vault_message_%s PARTITION OF vault_message FOR VALUES FROM (%s) TO (%s)', year,
            CASE WHEN year = first_year THEN 'MINVALUE' ELSE
                (((make_date(year, 1, 1) - date '2025-01-01')::bigint * 86400000) << 22)::text END,
            CASE WHEN year = last_year THEN 'MAXVALUE' ELSE
                (((make_date(year + 1, 1, 1) - date '2025-01-01')::bigint * 86400000) << 22)::text END);
    END LOOP;
END
$$;

-- Dictionaries that messages were compressed with, for ever. They hold no personal data.
CREATE TABLE vault_dictionary (
    dictionary_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    content bytea NOT NULL,
    created_at timestamptz NOT NULL
);

-- Each reach into the vault, written before the plain text is handed out.
CREATE TABLE vault_read (
    read_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    kind text NOT NULL,
    subject_id bigint NOT NULL,
    record_id bigint NOT NULL,
    purpose text NOT NULL,
    actor text NOT NULL,
    read_at timestamptz NOT NULL
);
CREATE INDEX vault_read_by_subject ON vault_read (subject_id);

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

CALL let_readers_see('vault_epoch');
CALL let_readers_see('vault_read');
CALL let_readers_see('vault_erasure');
-- Sealed rows are opened by the vault only, with a purpose: closed to readers.
ALTER TABLE vault_person ENABLE ROW LEVEL SECURITY;
ALTER TABLE vault_message ENABLE ROW LEVEL SECURITY;
ALTER TABLE vault_dictionary ENABLE ROW LEVEL SECURITY;
