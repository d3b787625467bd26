-- Parcels that may be parts of one order.
-- One transaction, so no index is built beside the running work.
-- squawk-ignore-file require-concurrent-index-creation

-- split_shipments: by what parcels of one order meet, for as long as the window lasts (split-shipments.yaml) and a week. key_hash: pseudonym
-- for this purpose alone of address, seller, heading and currency; person: of the words of the consignee's name, four bytes each. Without the key
-- nothing is told. version: of the declaration it was made from. Never changed.
CREATE TABLE split_shipment_key (
    consignment_id bigint NOT NULL,
    key_hash bigint NOT NULL,
    value_minor bigint NOT NULL,
    limit_minor bigint NOT NULL,
    sent_at timestamptz NOT NULL,
    added_at timestamptz NOT NULL,
    administration_id smallint NOT NULL,
    version smallint NOT NULL,
    person bytea NOT NULL,
    currency_code text COLLATE "C" NOT NULL
);
-- Parcels with one key (select_candidates).
CREATE INDEX split_shipment_key_by_key ON split_shipment_key (administration_id, key_hash);
-- What is older than it is needed (forget_keys): rows come in the order of time.
CREATE INDEX split_shipment_key_by_time ON split_shipment_key USING brin (added_at);
CALL let_readers_see('split_shipment_key');

-- split_shipments: batches whose keys nobody has looked at yet; a row goes when that is done. key_hashes: eight bytes each, the lowest first.
CREATE TABLE split_shipment_batch (
    batch_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    key_hashes bytea NOT NULL
);
CALL let_readers_see('split_shipment_batch');

-- split_shipments: parcels that may be one order, and what an officer or an appeal has said of it. It names parcels, nobody else: of what was
-- found separate nothing is left at a seller or a person.
CREATE TABLE split_shipment_group (
    group_id bigint PRIMARY KEY,
    opened_at timestamptz NOT NULL,
    decided_at timestamptz,
    limit_minor bigint NOT NULL,
    administration_id smallint NOT NULL,
    window_days smallint NOT NULL,
    state text COLLATE "C" NOT NULL,
    decided_by text COLLATE "C",
    currency_code text COLLATE "C" NOT NULL
);
-- Those that wait for an officer (select_groups).
CREATE INDEX split_shipment_group_by_state ON split_shipment_group (administration_id, state, opened_at);
CALL let_readers_see('split_shipment_group');

-- split_shipments: the parcels of a group; a parcel is in one at most, for ever.
CREATE TABLE split_shipment_member (
    consignment_id bigint PRIMARY KEY,
    group_id bigint NOT NULL REFERENCES split_shipment_group,
    value_minor bigint NOT NULL,
    sent_at timestamptz NOT NULL,
    administration_id smallint NOT NULL
);
-- Parcels of a group (select_members).
CREATE INDEX split_shipment_member_by_group ON split_shipment_member (group_id);
CALL let_readers_see('split_shipment_member');

-- due_diligence: whether a party has sent a document with its dispute; it lies in the vault under the dispute.
ALTER TABLE quality_dispute ADD COLUMN has_document boolean NOT NULL DEFAULT false;

-- due_diligence: how the parties with a role stood in a month (UTC), for everybody. Written only where so many have a score that the figure is no
-- single party's (formula.yaml, peers); a won dispute changes it. Percent of all points, cut down.
CREATE TABLE role_score_month (
    administration_id smallint NOT NULL,
    month_on date NOT NULL,
    party_count integer NOT NULL,
    median smallint NOT NULL,
    quarter_low smallint NOT NULL,
    quarter_high smallint NOT NULL,
    role text COLLATE "C" NOT NULL,
    PRIMARY KEY (administration_id, role, month_on)
);
CALL let_readers_see('role_score_month');
