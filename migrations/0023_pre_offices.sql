-- Customs offices as administrators write them. An office is what its newest row says on a day; a row is never changed: whoever
-- changes or ends an office adds one. office_row_id: in the order of writing; valid_from: the first day of it, in the administration's zone.
-- reference: of the office, the administration's own. country_codes: of the consignee, channel_codes: of logistics; empty: any.
-- Nothing has been released that would wait for long.
-- squawk-ignore-file require-concurrent-index-creation
CREATE TABLE customs_office (
    office_row_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    reference text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    is_ended boolean NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    hours text NOT NULL,
    contact text NOT NULL,
    country_codes text [] NOT NULL,
    channel_codes text [] NOT NULL,
    written_at timestamptz NOT NULL
);
CREATE INDEX customs_office_by_reference ON customs_office (administration_id, reference, office_row_id);
CALL let_readers_see('customs_office');
