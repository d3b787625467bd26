-- settle: landed-cost quotes that were signed, which units of them declarations have used, and what honouring one has cost.
-- One transaction, so no index is built beside the running work.
-- squawk-ignore-file require-concurrent-index-creation

-- A quote as it was promised. commitment: SHA-256 of the signed content, which holds a secret word: who knows it was shown the quote.
-- terms: JSON, what a declaration must agree with; no person's data. generation_id: the law it was worked out under.
CREATE TABLE quote (
    quote_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    commitment bytea NOT NULL,
    terms bytea NOT NULL,
    generation_id integer NOT NULL,
    quoted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
) PARTITION BY RANGE (quote_id);
CALL cut_by_time('quote');

-- Units of a quote's lines that a consignment has used, millionths of the stated unit; given back by a negative row. Append only.
CREATE TABLE quote_use (
    quote_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    line smallint NOT NULL,
    consignment_id bigint NOT NULL,
    decision_id bigint NOT NULL,
    quantity_micro bigint NOT NULL,
    used_at timestamptz NOT NULL
);
CREATE INDEX quote_use_by_quote ON quote_use (quote_id);
CREATE INDEX quote_use_by_consignment ON quote_use (consignment_id);

-- Quoted beside assessed, by where it is due and who owes it (as in charge): the difference is booked to an account. A later decision takes the rows back
-- by negative ones. covered_minor: what of a debt at the border the account bears; payment_record has it, too.
CREATE TABLE quote_booking (
    consignment_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    decision_id bigint NOT NULL,
    quote_id bigint NOT NULL,
    due smallint NOT NULL,
    currency_code text NOT NULL,
    debtor_code text NOT NULL,
    quoted_minor bigint NOT NULL,
    assessed_minor bigint NOT NULL,
    difference_minor bigint NOT NULL,
    covered_minor bigint NOT NULL,
    account text NOT NULL,
    booked_at timestamptz NOT NULL
);
CREATE INDEX quote_booking_by_consignment ON quote_booking (consignment_id);

CALL let_readers_see('quote');
CALL let_readers_see('quote_use');
CALL let_readers_see('quote_booking');
