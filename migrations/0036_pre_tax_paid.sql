-- tax_paid: keys whose tax-paid tokens are believed. party_id: of the issuer, who sends its status lists; NULL: the administration does.
CREATE TABLE token_issuer_key (
    key_id bigint PRIMARY KEY,
    party_id bigint REFERENCES party,
    registered_at timestamptz NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    revoked_at timestamptz,
    administration_id smallint NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    kid text COLLATE "C" NOT NULL,
    public_key bytea NOT NULL,
    UNIQUE (administration_id, kid)
);
CALL let_readers_see('token_issuer_key');

-- tax_paid: the newest status list of each issuer and address, as it was signed. Two issuers may use one address: neither takes the other's away.
CREATE TABLE token_status_list (
    administration_id smallint NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    uri text COLLATE "C" NOT NULL,
    issued_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (administration_id, issuer, uri)
);
CALL let_readers_see('token_status_list');

-- tax_paid: a scheme number and the party that holds it here. tokens_from: since that day each consignment under it carries a token, by the
-- holder's own word; NULL: it has not said so.
CREATE TABLE tax_paid_scheme (
    scheme_id bigint PRIMARY KEY,
    party_id bigint NOT NULL REFERENCES party,
    registered_at timestamptz NOT NULL,
    ended_at timestamptz,
    tokens_from date,
    administration_id smallint NOT NULL,
    scheme_kind_code text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    UNIQUE (administration_id, scheme_kind_code, number)
);
-- A holder's numbers (select_schemes).
CREATE INDEX tax_paid_scheme_by_party ON tax_paid_scheme (party_id);
CALL let_readers_see('tax_paid_scheme');

-- tax_paid: counts what is registered above, so that processes see that something has changed.
CREATE TABLE tax_paid_version (
    administration_id smallint PRIMARY KEY,
    version bigint NOT NULL
);
CALL let_readers_see('tax_paid_version');

-- tax_paid: each token that was taken as proof, once: use_key is its own (TaxPaid.use_key). token: to hold an amendment against.
CREATE TABLE tax_paid_use (
    administration_id smallint NOT NULL,
    use_key bytea NOT NULL,
    consignment_id bigint NOT NULL,
    used_at timestamptz NOT NULL,
    token text NOT NULL,
    PRIMARY KEY (administration_id, use_key)
);
-- Of what is amended (select_uses).
CREATE INDEX tax_paid_use_by_consignment ON tax_paid_use (consignment_id);
CALL let_readers_see('tax_paid_use');

-- tax_paid: who cites a registered number, and what came of it. outcome: proven, without (no token was asked), missing, or refused.
-- reason: why a token was refused.
CREATE TABLE scheme_citation (
    consignment_id bigint NOT NULL,
    scheme_id bigint NOT NULL REFERENCES tax_paid_scheme,
    party_id bigint NOT NULL,
    cited_at timestamptz NOT NULL,
    administration_id smallint NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    PRIMARY KEY (consignment_id)
);
-- Citations of a number, by day (select_days, select_citations).
CREATE INDEX scheme_citation_by_scheme ON scheme_citation (scheme_id, cited_at);
CALL let_readers_see('scheme_citation');

-- tax_paid: proofs that were issued here. list_index: in the status lists, 2^20 of them a list. status: of the draft, 0 valid.
CREATE TABLE tax_paid_proof (
    proof_id bigint PRIMARY KEY,
    list_index bigint GENERATED ALWAYS AS IDENTITY,
    case_id bigint NOT NULL,
    consignment_id bigint NOT NULL,
    issued_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    administration_id smallint NOT NULL,
    status smallint NOT NULL,
    token text NOT NULL,
    UNIQUE (consignment_id)
);
-- What stands in a list (select_statuses).
CREATE UNIQUE INDEX tax_paid_proof_by_index ON tax_paid_proof (list_index);
CALL let_readers_see('tax_paid_proof');
