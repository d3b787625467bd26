-- Names that resemble entries of lists of denied parties: what was found, and what officers said of it.
-- One transaction, so no index is built beside the running work.
-- squawk-ignore-file require-concurrent-index-creation

-- name_verdicts: a person on a document resembled an entry when a decision was made. entry_hash: of the entry's wording; pair_hash: keyed
-- pseudonym, for this purpose alone, of the person with that wording. version: of the declaration. verdict_id: the act by which it was closed
-- then; null: it stood against the parcel. ended_at: since when the entry is on no list, or another wording was looked at. Goes with its case;
-- an erasure takes it.
CREATE TABLE party_hit (
    consignment_id bigint NOT NULL,
    decision_id bigint NOT NULL,
    found_at timestamptz NOT NULL,
    ended_at timestamptz,
    verdict_id bigint,
    score_ppm integer NOT NULL,
    administration_id smallint NOT NULL,
    version smallint NOT NULL,
    role text COLLATE "C" NOT NULL,
    list_code text COLLATE "C" NOT NULL,
    entry_id text COLLATE "C" NOT NULL,
    entry_hash bytea NOT NULL,
    pair_hash bytea NOT NULL,
    PRIMARY KEY (consignment_id, decision_id, role, list_code, entry_id)
);
-- Parcels with the same person and entry (select_bearing).
CREATE INDEX party_hit_by_pair ON party_hit (pair_hash) WHERE ended_at IS NULL;
CALL let_readers_see('party_hit');

-- name_verdicts: what an officer said last of a person and an entry in one wording. verdict_id: the act; consignment_id: where it was said. Goes
-- with that case; an erasure takes it.
CREATE TABLE name_verdict (
    pair_hash bytea NOT NULL,
    verdict_id bigint NOT NULL,
    consignment_id bigint NOT NULL,
    decided_at timestamptz NOT NULL,
    administration_id smallint NOT NULL,
    code text COLLATE "C" NOT NULL,
    decided_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (administration_id, pair_hash)
);
-- What goes with a case (retention).
CREATE INDEX name_verdict_by_consignment ON name_verdict (consignment_id);
CALL let_readers_see('name_verdict');

-- law_in_force: a list that was kept back, since it has far fewer entries than the one in force; it waits for a second person as a proposal.
-- entry_count_before: of the one in force then.
CREATE TABLE list_kept_back (
    proposal_id bigint PRIMARY KEY,
    kept_at timestamptz NOT NULL,
    entry_count integer NOT NULL,
    entry_count_before integer NOT NULL,
    administration_id smallint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL
);
CALL let_readers_see('list_kept_back');

-- list_sources: where signed lists come from, and how it went. name: under which the list is put in force; address: https, or a file of the
-- folder of lists. public_key: of Ed25519, by which the list is signed. signed_at: of the newest list that was taken; age_hours_max: from
-- when on that is too old. seen_hash: SHA-256 of the signature that was looked at last. outcome_code: how that went.
CREATE TABLE list_source (
    source_id bigint PRIMARY KEY,
    registered_at timestamptz NOT NULL,
    ended_at timestamptz,
    checked_at timestamptz,
    signed_at timestamptz,
    age_hours_max integer NOT NULL,
    administration_id smallint NOT NULL,
    name text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    public_key bytea NOT NULL,
    seen_hash bytea,
    outcome_code text COLLATE "C"
);
-- One for each name (insert_source).
CREATE UNIQUE INDEX list_source_by_name ON list_source (administration_id, name) WHERE ended_at IS NULL;
CALL let_readers_see('list_source');
