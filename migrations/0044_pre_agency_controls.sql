-- Parcels that wait for the word of another government agency.
-- One transaction, so no index is built beside the running work.
-- squawk-ignore-file require-concurrent-index-creation
-- squawk-ignore-file constraint-missing-not-valid
-- squawk-ignore-file ban-drop-constraint

-- agency_controls: one parcel before one agency, for ever: the rules of its remit that keep the goods, how it stands (waiting, maintained,
-- refused, cleared, lapsed, ended) and until when the law lets the agency be silent; NULL: silence ends nothing, or it is not worked out yet
-- (is_clock_set). version: of the declaration it is about. inspection: of a joint one, '' (none), wanted, recorded. It names nobody.
CREATE TABLE agency_control (
    control_id bigint PRIMARY KEY,
    consignment_id bigint NOT NULL,
    case_id bigint NOT NULL,
    party_id bigint NOT NULL REFERENCES party,
    opened_at timestamptz NOT NULL,
    due_at timestamptz,
    changed_at timestamptz NOT NULL,
    administration_id smallint NOT NULL,
    version smallint NOT NULL,
    is_clock_set boolean NOT NULL DEFAULT false,
    state text COLLATE "C" NOT NULL,
    rules text COLLATE "C" NOT NULL,
    inspection text COLLATE "C" NOT NULL DEFAULT '',
    UNIQUE (consignment_id, party_id)
);
-- An agency's queue, in the order in which parcels came (select_controls).
CREATE INDEX agency_control_of_party ON agency_control (party_id, control_id);
-- Those whose clock is to be set (select_unset), and those whose clock has run out (select_ended).
CREATE INDEX agency_control_unset ON agency_control (control_id) WHERE state = 'waiting' AND NOT is_clock_set;
CREATE INDEX agency_control_by_due ON agency_control (due_at) WHERE state = 'waiting' AND due_at IS NOT NULL;
CALL let_readers_see('agency_control');

-- tasks: one more kind (14) is about an act: several agencies want one parcel examined.
ALTER TABLE task DROP CONSTRAINT task_about;
ALTER TABLE task ADD CONSTRAINT task_about CHECK (
    num_nulls(document_id, score_ppm) = CASE WHEN kind = 3 THEN 0 WHEN kind IN (4, 5, 6, 8, 9, 10, 11, 12, 13, 14) THEN 1 ELSE 2 END
);
