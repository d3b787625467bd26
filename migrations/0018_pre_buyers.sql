-- Buyers: who looks for a parcel by its number and postcode, and the one-time code that opens more of it.
-- squawk-ignore-file require-concurrent-index-creation

-- buyers: a person who knew number and postcode of a parcel, until expires_at. person_id, document_id: whose postcode it was, in the vault.
-- confirmed_at: since when that person has shown to read the contact in the declaration. Nothing of number, postcode or address is here. Ended
-- ones are deleted after a day.
CREATE TABLE buyer_session (
    session_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    session_hash bytea NOT NULL UNIQUE,
    consignment_id bigint NOT NULL,
    person_id bigint NOT NULL,
    document_id bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    ended_at timestamptz
);
CREATE INDEX buyer_session_ended ON buyer_session (administration_id, expires_at);

CALL keep_apart('buyer_session');
