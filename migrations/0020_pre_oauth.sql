-- Machines that sign instead of showing a secret (RFC 7523).
-- Nothing has been released that would wait for long.
-- squawk-ignore-file require-concurrent-index-creation
-- squawk-ignore-file adding-foreign-key-constraint

-- jwk: the public key of whoever holds this key, as JSON (RFC 7517); null: its text is shown instead.
ALTER TABLE api_key ADD COLUMN jwk text;

-- That an assertion was shown, until it would be refused for its age: it counts once. jti_hash: of what it says of itself.
CREATE TABLE client_assertion (
    key_id bigint NOT NULL REFERENCES api_key,
    jti_hash bytea NOT NULL,
    administration_id smallint NOT NULL REFERENCES administration,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (key_id, jti_hash)
);
CREATE INDEX client_assertion_ended ON client_assertion (administration_id, expires_at);
CALL keep_apart('client_assertion');
