-- What officers ask of the books. Reads the tables of this room.

-- name: debts
-- What each debtor owes, by currency: pending (phase 0), posted, and of that what is older than some days, payments taken off the oldest first.
SELECT party_id, name, currency_code,
    coalesce(sum(amount_minor) FILTER (WHERE phase = 0), 0)::bigint AS pending_minor,
    coalesce(sum(amount_minor) FILTER (WHERE phase = 1), 0)::bigint AS posted_minor,
    greatest(coalesce(sum(amount_minor) FILTER (WHERE phase = 1 AND (posting_id < %(young_id)s OR amount_minor < 0)), 0), 0)::bigint AS older_minor,
    greatest(coalesce(sum(amount_minor) FILTER (WHERE phase = 1 AND (posting_id < %(old_id)s OR amount_minor < 0)), 0), 0)::bigint AS oldest_minor
FROM ledger_entry JOIN ledger_account USING (account_id) JOIN party USING (party_id)
WHERE ledger_account.administration_id = %(administration_id)s AND ledger_entry.administration_id = %(administration_id)s AND kind = 0
GROUP BY party_id, name, currency_code
HAVING coalesce(sum(amount_minor) FILTER (WHERE phase = 1), 0) <> 0 OR coalesce(sum(amount_minor) FILTER (WHERE phase = 0), 0) <> 0
ORDER BY posted_minor DESC, party_id, currency_code LIMIT %(limit)s

-- name: revenue_by_day
-- What was entered as revenue, by day (UTC) and currency.
SELECT (posted_at AT TIME ZONE 'UTC')::date AS on_day, currency_code, -sum(amount_minor)::bigint
FROM ledger_posting JOIN ledger_entry USING (posting_id) JOIN ledger_account USING (account_id)
WHERE ledger_posting.administration_id = %(administration_id)s AND ledger_entry.administration_id = %(administration_id)s
    AND posting_id >= %(begin_id)s AND ledger_account.kind = %(revenue)s AND phase = 1
GROUP BY on_day, currency_code ORDER BY currency_code, on_day

-- name: revenue_by_market
-- What was entered as revenue, by country of destination and currency.
SELECT country_code, currency_code, -sum(amount_minor)::bigint
FROM ledger_entry JOIN ledger_account USING (account_id)
WHERE ledger_entry.administration_id = %(administration_id)s AND posting_id >= %(begin_id)s AND kind = %(revenue)s AND phase = 1
GROUP BY country_code, currency_code ORDER BY currency_code, 3 DESC, country_code

-- name: collected_by_way
-- What was taken off charges by payments, by kind of act and way of the payment account.
SELECT act.kind, coalesce(act.parameters ->> 'way', ''), payment_allocation.currency_code, sum(payment_allocation.amount_minor)::bigint
FROM payment_allocation JOIN act USING (act_id)
WHERE payment_allocation.administration_id = %(administration_id)s AND act.administration_id = %(administration_id)s
    AND payment_allocation.posting_id >= %(begin_id)s
GROUP BY 1, 2, 3 HAVING sum(payment_allocation.amount_minor) <> 0 ORDER BY 3, 4 DESC, 1, 2
