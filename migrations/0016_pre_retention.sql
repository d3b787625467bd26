-- What was kept no longer: one row each time that something went, which opens its leaf in the log. Append only.
CREATE TABLE retention_run (
    run_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    ran_at timestamptz NOT NULL,
    content text NOT NULL,
    salt bytea NOT NULL
);

-- Cases that are held: an appeal, an enquiry, a court, a debt. Neither they nor anybody in them go until the hold is lifted. Few.
CREATE TABLE legal_hold (
    hold_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    case_id bigint NOT NULL,
    ground text COLLATE "C" NOT NULL,
    placed_by text NOT NULL,
    placed_at timestamptz NOT NULL,
    lifted_by text,
    lifted_at timestamptz
);
CREATE INDEX legal_hold_standing ON legal_hold (case_id) WHERE lifted_at IS NULL;

CALL let_readers_see('legal_hold');
CALL let_readers_see('retention_run');
