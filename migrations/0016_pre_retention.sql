-- What was kept no longer: one row each time that something went, which opens its leaf in the log. Append only.
CREATE TABLE retention_run (
    run_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    ran_at timestamptz NOT NULL,
    content text NOT NULL,
    salt bytea NOT NULL
);

CALL let_readers_see('retention_run');
