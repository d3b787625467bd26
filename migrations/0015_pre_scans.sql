-- Scans of what is in flight when lists change.

-- scans: how far everybody on what was in flight has been held against the lists of a generation: consignments up to after_id, of those
-- before until_id (what came later was screened by these lists when it came). read_count: consignments whose people were read;
-- listed_count: of these, on which somebody bears a listed name.
CREATE TABLE list_scan (
    administration_id smallint NOT NULL,
    generation_id integer NOT NULL REFERENCES law_generation,
    after_id bigint NOT NULL,
    until_id bigint NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    read_count bigint NOT NULL,
    listed_count bigint NOT NULL,
    PRIMARY KEY (administration_id, generation_id)
);

CALL let_readers_see('list_scan');
