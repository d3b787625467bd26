-- What was typed into a form of a page whose session had ended, until its person has signed in again: for half an hour.
-- Nothing has been released that would wait for long.
-- squawk-ignore-file require-concurrent-index-creation

-- sealed: the form, under a key that is made of what the person's own browser holds; form_hash: of the same. Without it nobody opens it.
CREATE TABLE kept_form (
    form_hash bytea PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    account_id bigint NOT NULL REFERENCES account,
    expires_at timestamptz NOT NULL,
    sealed bytea NOT NULL
);
CREATE INDEX kept_form_by_account ON kept_form (account_id, expires_at);
CREATE INDEX kept_form_ended ON kept_form (administration_id, expires_at);
CALL keep_apart('kept_form');
