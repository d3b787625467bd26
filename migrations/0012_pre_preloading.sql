-- screen: what became of goods before they were loaded, one row for each assessment of a transport document; superseded, never changed.
-- One transaction, so no index is built beside the running work.
-- squawk-ignore-file require-concurrent-index-creation

-- outcome: place in OUTCOMES. reasons: JSON, public ones. made_by: the officer's party, or NULL where the system assessed.
-- is_filed: made because the document was filed or amended, not on a later word. has_words: what an officer says to the filer, and what reasons name, lies in the vault under assessment_id. hits: JSON, names on lists by entry, for officers alone. salt: of the leaf in the log.
CREATE TABLE loading_assessment (
    assessment_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    case_id bigint NOT NULL,
    document_id bigint NOT NULL,
    party_id bigint NOT NULL,
    reference text COLLATE "C" NOT NULL,
    house_document text COLLATE "C" NOT NULL,
    outcome smallint NOT NULL,
    reasons bytea NOT NULL,
    hits bytea NOT NULL,
    has_words boolean NOT NULL,
    answer_by timestamptz,
    made_by bigint,
    made_at timestamptz NOT NULL,
    is_filed boolean NOT NULL,
    supersedes bigint,
    replaced_by bigint,
    salt bytea NOT NULL,
    PRIMARY KEY (assessment_id)
) PARTITION BY RANGE (assessment_id);
CALL cut_by_time('loading_assessment');
CREATE INDEX loading_assessment_by_reference ON loading_assessment (party_id, reference) WHERE replaced_by IS NULL;
CREATE INDEX loading_assessment_by_house ON loading_assessment (party_id, house_document) WHERE replaced_by IS NULL;
CREATE INDEX loading_assessment_by_case ON loading_assessment (case_id);
-- What waits for somebody: few at any time.
CREATE INDEX loading_assessment_open ON loading_assessment (administration_id, outcome, assessment_id)
WHERE replaced_by IS NULL AND outcome > 0;

CALL let_readers_see('loading_assessment');
