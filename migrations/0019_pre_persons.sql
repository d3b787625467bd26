-- Persons of parties, links that are sent by e-mail, and passkeys.
-- Nothing has been released that would wait for long; the tables that are changed are small.
-- squawk-ignore-file require-concurrent-index-creation
-- squawk-ignore-file adding-foreign-key-constraint
-- squawk-ignore-file constraint-missing-not-valid

-- country_code: where the organisation is, as whoever registered it said.
ALTER TABLE party ADD COLUMN country_code text COLLATE "C";

-- party_id: whose person it is; null: one of the administration's own. member_role: what a person of a party may do of what the party may.
-- Such a person has no roles: what the party may bounds it, whatever stands here.
ALTER TABLE account ADD COLUMN party_id bigint REFERENCES party;
ALTER TABLE account ADD COLUMN member_role text COLLATE "C";
ALTER TABLE account ADD CONSTRAINT account_of_party CHECK (
    (party_id IS NULL) = (member_role IS NULL) AND (party_id IS NULL OR roles = '{}')
);
CREATE INDEX account_by_party ON account (party_id) WHERE party_id IS NOT NULL;

-- A link that was sent to an address: whoever opens it reads that address. kind: registration, invitation, password. party_id: whose person
-- is invited. account_id: whose password is forgotten, or who invites. sealed: the address and what was said with it; null once it is used.
CREATE TABLE mailed_link (
    link_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    link_hash bytea NOT NULL UNIQUE,
    kind text COLLATE "C" NOT NULL,
    party_id bigint REFERENCES party,
    account_id bigint REFERENCES account,
    sealed bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX mailed_link_of_party ON mailed_link (party_id) WHERE party_id IS NOT NULL;
CREATE INDEX mailed_link_ended ON mailed_link (administration_id, expires_at);
CALL keep_apart('mailed_link');

-- A passkey (WebAuthn) of an account. credential: what the authenticator attested (AAGUID, id, public key). sign_count: the last one it told.
CREATE TABLE passkey (
    passkey_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    account_id bigint NOT NULL REFERENCES account,
    credential_id bytea NOT NULL,
    credential bytea NOT NULL,
    sign_count bigint NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    UNIQUE (administration_id, credential_id)
);
CREATE INDEX passkey_by_account ON passkey (account_id);
CALL keep_apart('passkey');

-- What a passkey is asked to sign, once. cookie_hash: of the session, or of the cookie of the form, that asked for it. purpose: register, enter.
CREATE TABLE passkey_challenge (
    cookie_hash bytea NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    administration_id smallint NOT NULL REFERENCES administration,
    challenge bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (cookie_hash, purpose)
);
CREATE INDEX passkey_challenge_ended ON passkey_challenge (administration_id, expires_at);
CALL keep_apart('passkey_challenge');
