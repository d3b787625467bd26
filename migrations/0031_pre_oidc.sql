-- People who sign in at a provider of identities (OpenID Connect).
-- Nothing has been released that would wait for long.
-- squawk-ignore-file require-concurrent-index-creation

-- Which account a subject of an issuer is: said by an administrator alone, whatever name or address the issuer tells of it.
CREATE TABLE account_identity (
    administration_id smallint NOT NULL REFERENCES administration,
    issuer text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    account_id bigint NOT NULL REFERENCES account,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (administration_id, issuer, subject)
);
CREATE UNIQUE INDEX account_identity_by_account ON account_identity (account_id, issuer);
CALL keep_apart('account_identity');

-- A browser that was sent to a provider, until it is back: once. cookie_hash: of what that browser alone holds, of which what is sent to the
-- provider is made; next_address: where its person goes on.
CREATE TABLE oidc_attempt (
    state_hash bytea PRIMARY KEY,
    cookie_hash bytea NOT NULL,
    administration_id smallint NOT NULL REFERENCES administration,
    provider text COLLATE "C" NOT NULL,
    next_address text NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX oidc_attempt_ended ON oidc_attempt (administration_id, expires_at);
CALL keep_apart('oidc_attempt');
