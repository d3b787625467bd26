-- What the documents of a case come to when they are looked at together, and by what those that wait are found.
-- One transaction, so no index is built beside the running work.
-- squawk-ignore-file require-concurrent-index-creation

-- match: what the documents of a case said against each other, each time they were looked at together; the newest holds.
-- verdict: place in MATCH_VERDICTS. said: findings with their words; awaited: codes of kinds that the law needs and nobody sent.
CREATE TABLE case_match (
    case_id bigint NOT NULL,
    match_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    verdict smallint NOT NULL,
    score_ppm integer NOT NULL,
    said text NOT NULL,
    awaited text [] NOT NULL,
    matched_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, match_id)
);

-- match: how a document that found no other over an equal number can still be found: by its numbers' signs, in any order and field.
-- Keyed hashes, which propose and no more: the documents themselves are compared. plain_hash: of the number without case and
-- punctuation: equal, it may be the same number written otherwise. Written for documents that wait.
CREATE TABLE linkage_feature (
    key_hash bigint NOT NULL,
    plain_hash bigint NOT NULL,
    document_id bigint NOT NULL,
    case_id bigint NOT NULL,
    added_at timestamptz NOT NULL,
    administration_id smallint NOT NULL
);
CREATE INDEX linkage_feature_by_key ON linkage_feature (administration_id, key_hash);

CALL let_readers_see('case_match');
CALL let_readers_see('linkage_feature');
