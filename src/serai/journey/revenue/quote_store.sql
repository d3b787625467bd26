-- name: insert_quotes
-- One statement for all quotes of a batch.
INSERT INTO quote (quote_id, administration_id, party_id, commitment, terms, generation_id, quoted_at, expires_at)
SELECT quote_id, %(administration_id)s, party_id, commitment, terms, generation_id, quoted_at, expires_at
FROM unnest(%(quote_ids)s, %(party_ids)s, %(commitments)s, %(terms)s, %(generation_ids)s, %(quoted)s, %(expiries)s)
    AS sent (quote_id, party_id, commitment, terms, generation_id, quoted_at, expires_at)
ON CONFLICT DO NOTHING

-- name: lock_quotes
-- Who draws on a quote waits here for who drew before.
SELECT quote_id, party_id, commitment, terms, quoted_at, expires_at
FROM quote WHERE quote_id = ANY(%(quote_ids)s::bigint[]) ORDER BY quote_id FOR UPDATE

-- name: select_quotes
SELECT quote_id, party_id, commitment, terms, quoted_at, expires_at
FROM quote WHERE quote_id = ANY(%(quote_ids)s::bigint[]) ORDER BY quote_id

-- name: select_uses
-- What stands as used, by quote, line and consignment.
SELECT quote_id, line, consignment_id, sum(quantity_micro)::bigint
FROM quote_use WHERE quote_id = ANY(%(quote_ids)s::bigint[])
GROUP BY quote_id, line, consignment_id HAVING sum(quantity_micro) <> 0

-- name: select_uses_of
-- What consignments have used, of whichever quote.
SELECT quote_id, line, consignment_id, sum(quantity_micro)::bigint
FROM quote_use WHERE consignment_id = ANY(%(consignment_ids)s::bigint[])
GROUP BY quote_id, line, consignment_id HAVING sum(quantity_micro) <> 0

-- name: insert_uses
INSERT INTO quote_use (quote_id, administration_id, line, consignment_id, decision_id, quantity_micro, used_at)
SELECT quote_id, %(administration_id)s, line, consignment_id, decision_id, quantity_micro, %(at)s
FROM unnest(%(quote_ids)s::bigint[], %(lines)s::smallint[], %(consignment_ids)s::bigint[], %(decision_ids)s::bigint[],
    %(quantities)s::bigint[]) AS sent (quote_id, line, consignment_id, decision_id, quantity_micro)

-- name: select_bookings
-- What stands as booked of consignments.
SELECT consignment_id, quote_id, due, currency_code, debtor_code, account, sum(quoted_minor)::bigint, sum(assessed_minor)::bigint,
    sum(difference_minor)::bigint, sum(covered_minor)::bigint
FROM quote_booking WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s
GROUP BY consignment_id, quote_id, due, currency_code, debtor_code, account
HAVING sum(quoted_minor) <> 0 OR sum(assessed_minor) <> 0
ORDER BY consignment_id, due, currency_code, debtor_code

-- name: insert_bookings
INSERT INTO quote_booking (consignment_id, administration_id, decision_id, quote_id, due, currency_code, debtor_code, quoted_minor,
    assessed_minor, difference_minor, covered_minor, account, booked_at)
SELECT consignment_id, %(administration_id)s, decision_id, quote_id, due, currency_code, debtor_code, quoted_minor, assessed_minor,
    difference_minor, covered_minor, account, %(at)s
FROM unnest(%(consignment_ids)s::bigint[], %(decision_ids)s::bigint[], %(quote_ids)s::bigint[], %(dues)s::smallint[],
    %(currencies)s::text[], %(debtors)s::text[], %(quoted)s::bigint[], %(assessed)s::bigint[], %(differences)s::bigint[], %(covered)s::bigint[],
    %(accounts)s::text[])
    AS sent (consignment_id, decision_id, quote_id, due, currency_code, debtor_code, quoted_minor, assessed_minor, difference_minor,
    covered_minor, account)

-- name: sum_accounts
-- What accounts have come to, by currency.
SELECT account, currency_code, sum(quoted_minor)::bigint, sum(assessed_minor)::bigint, sum(difference_minor)::bigint,
    sum(covered_minor)::bigint
FROM quote_booking WHERE administration_id = %(administration_id)s
GROUP BY account, currency_code ORDER BY account, currency_code
