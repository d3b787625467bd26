-- permits: which other government agency keeps the permits that a rule on restricted goods asks for. From then on a document that is only
-- named opens that rule no more: a permit of this agency has to cover the goods. One agency a rule at a time.
CREATE TABLE agency_remit (
    remit_id bigint PRIMARY KEY,
    party_id bigint NOT NULL REFERENCES party,
    registered_at timestamptz NOT NULL,
    ended_at timestamptz,
    administration_id smallint NOT NULL,
    rule_id text COLLATE "C" NOT NULL
);
-- One agency a rule (insert_remit), and what stands (select_remits).
CREATE UNIQUE INDEX agency_remit_standing ON agency_remit (administration_id, rule_id) WHERE ended_at IS NULL;
CALL let_readers_see('agency_remit');

-- permits: keys by which permits of an agency are believed that somebody brings. certificate_valid_days: how long an SPS certificate that it
-- signed is good, which does not say so itself; NULL: none is taken.
CREATE TABLE agency_key (
    key_id bigint PRIMARY KEY,
    party_id bigint NOT NULL REFERENCES party,
    registered_at timestamptz NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    revoked_at timestamptz,
    administration_id smallint NOT NULL,
    certificate_valid_days smallint,
    kid text COLLATE "C" NOT NULL,
    public_key bytea NOT NULL,
    UNIQUE (administration_id, kid)
);
CALL let_readers_see('agency_key');

-- permits: licences, permits, certificates and others (LPCO), each of one agency. No names: holder_hash is a keyed hash. Empty lists: all
-- goods, everywhere in the territory of the administration. quantity_micro, value_minor: at most in all, NULL: no limit; drawn_*: what was
-- written off of it, changed only while the row is locked, always the sum of its permit_draw rows.
CREATE TABLE permit (
    permit_id bigint PRIMARY KEY,
    party_id bigint NOT NULL REFERENCES party,
    holder_party_id bigint REFERENCES party,
    quantity_micro bigint,
    value_minor bigint,
    drawn_quantity_micro bigint NOT NULL DEFAULT 0,
    drawn_value_minor bigint NOT NULL DEFAULT 0,
    registered_at timestamptz NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    revoked_at timestamptz,
    administration_id smallint NOT NULL,
    number text COLLATE "C" NOT NULL,
    type_code text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    holder_kind text COLLATE "C" NOT NULL,
    quantity_unit_code text COLLATE "C",
    currency_code text COLLATE "C",
    holder_hash bytea,
    content_hash bytea NOT NULL,
    commodity_codes text[] NOT NULL,
    goods_kind_codes text[] NOT NULL,
    territory_codes text[] NOT NULL,
    UNIQUE (administration_id, party_id, number),
    CHECK (drawn_quantity_micro >= 0 AND (quantity_micro IS NULL OR drawn_quantity_micro <= quantity_micro)),
    CHECK (drawn_value_minor >= 0 AND (value_minor IS NULL OR drawn_value_minor <= value_minor)),
    CHECK ((quantity_micro IS NULL) = (quantity_unit_code IS NULL) AND (value_minor IS NULL) = (currency_code IS NULL)),
    CHECK ((holder_kind = 'party') = (holder_party_id IS NOT NULL) AND (holder_kind = 'person') = (holder_hash IS NOT NULL))
);
-- Permits that goods name, of whichever agency (lock_permits).
CREATE INDEX permit_by_number ON permit (administration_id, number);
-- A holder's own (select_permits).
CREATE INDEX permit_by_holder ON permit (holder_party_id) WHERE holder_party_id IS NOT NULL;
CALL let_readers_see('permit');

-- permits: what decisions wrote off of permits for goods items, and what amendments, invalidations and returns gave back: only ever added to.
CREATE TABLE permit_draw (
    draw_id bigint PRIMARY KEY,
    permit_id bigint NOT NULL REFERENCES permit,
    consignment_id bigint NOT NULL,
    caused_by_id bigint NOT NULL,
    quantity_micro bigint NOT NULL,
    value_minor bigint NOT NULL,
    drawn_at timestamptz NOT NULL,
    sequence_number smallint NOT NULL,
    administration_id smallint NOT NULL,
    is_return boolean NOT NULL
);
-- What stands on a consignment (select_drawn), and what was written off of a permit (select_draws_of_permit).
CREATE INDEX permit_draw_by_consignment ON permit_draw (consignment_id);
CREATE INDEX permit_draw_by_permit ON permit_draw (permit_id, draw_id);
CALL let_readers_see('permit_draw');
