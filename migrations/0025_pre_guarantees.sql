-- guarantees: what a party's amounts are secured with: a reference amount (Regulation (EU) 2015/2447, article 155) and who guarantees. kind:
-- individual, comprehensive or waiver. Nothing of one is changed but that it was revoked: another amount is another guarantee.
CREATE TABLE guarantee (
    guarantee_id bigint PRIMARY KEY,
    party_id bigint NOT NULL REFERENCES party,
    reference_amount_minor bigint NOT NULL CHECK (reference_amount_minor > 0),
    registered_at timestamptz NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    revoked_at timestamptz,
    administration_id smallint NOT NULL,
    number text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    currency_code text COLLATE "C" NOT NULL,
    guarantor text NOT NULL,
    UNIQUE (administration_id, number)
);
-- A party's guarantees (select_guarantees).
CREATE INDEX guarantee_by_party ON guarantee (party_id);
CALL let_readers_see('guarantee');

-- guarantees: what was taken of a guarantee for an act on a case, above zero, or given back, below. Its sum is what is in use: whoever takes holds
-- the row of the guarantee, so that no two take the same.
CREATE TABLE guarantee_reservation (
    reservation_id bigint PRIMARY KEY,
    guarantee_id bigint NOT NULL REFERENCES guarantee,
    act_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    reserved_at timestamptz NOT NULL,
    administration_id smallint NOT NULL
);
CREATE INDEX guarantee_reservation_by_guarantee ON guarantee_reservation (guarantee_id);
-- What stands for an act (release_reservations).
CREATE INDEX guarantee_reservation_by_act ON guarantee_reservation (act_id);
CALL let_readers_see('guarantee_reservation');
REVOKE UPDATE, DELETE ON guarantee_reservation FROM serai_writer;
