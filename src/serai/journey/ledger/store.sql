-- Tables ledger_account, ledger_posting, ledger_entry: written by this room alone.

-- name: open_accounts
INSERT INTO ledger_account (
    account_id, party_id, opened_at, administration_id, kind, currency_code, debtor_code, tax_type_code, country_code, number
)
SELECT account_id, party_id, %(at)s, %(administration_id)s, kind, currency_code, debtor_code, tax_type_code, country_code, number
FROM unnest(
    %(account_ids)s::bigint[], %(party_ids)s::bigint[], %(kinds)s::smallint[], %(currencies)s::text[], %(debtors)s::text[],
    %(tax_types)s::text[], %(countries)s::text[], %(numbers)s::text[]
) AS wanted (account_id, party_id, kind, currency_code, debtor_code, tax_type_code, country_code, number)
ON CONFLICT DO NOTHING

-- name: select_accounts
-- Accounts by what tells them from others.
SELECT account_id, kind, currency_code, party_id, debtor_code, tax_type_code, country_code, number FROM ledger_account
JOIN unnest(
    %(party_ids)s::bigint[], %(kinds)s::smallint[], %(currencies)s::text[], %(debtors)s::text[],
    %(tax_types)s::text[], %(countries)s::text[], %(numbers)s::text[]
) AS wanted (party_id, kind, currency_code, debtor_code, tax_type_code, country_code, number)
USING (kind, party_id, currency_code, debtor_code, tax_type_code, country_code, number)
WHERE administration_id = %(administration_id)s

-- name: select_entered
-- What was entered of acts.
SELECT subject_id, kind, currency_code, party_id, debtor_code, tax_type_code, country_code, number, phase, sum(amount_minor)::bigint
FROM (
    SELECT posting_id, subject_id FROM ledger_posting
    WHERE subject_id = ANY(%(act_ids)s::bigint[]) AND kind <> 0 AND administration_id = %(administration_id)s
) AS posting
JOIN ledger_entry USING (posting_id) JOIN ledger_account USING (account_id)
GROUP BY subject_id, kind, currency_code, party_id, debtor_code, tax_type_code, country_code, number, phase
HAVING sum(amount_minor) <> 0

-- name: select_allocated
-- What of acts was taken off charges.
SELECT act_id, consignment_id, sequence_number, tax_type_code, debtor_code, currency_code, sum(amount_minor)::bigint
FROM payment_allocation WHERE act_id = ANY(%(act_ids)s::bigint[]) AND administration_id = %(administration_id)s
GROUP BY act_id, consignment_id, sequence_number, tax_type_code, debtor_code, currency_code
HAVING sum(amount_minor) <> 0

-- name: select_ordered_back
-- What of acts was ordered back and not given up, and how many orders there were, given up or not.
SELECT act_id, coalesce(sum(refund_part.amount_minor) FILTER (WHERE status <> ALL(%(ended)s::smallint[])), 0)::bigint, count(*)
FROM refund_part JOIN refund_order USING (refund_order_id)
WHERE act_id = ANY(%(act_ids)s::bigint[]) AND refund_part.administration_id = %(administration_id)s
GROUP BY act_id

-- name: list_repaid
-- What of charges was given back, by whatever gave it: a plan, or acts of the kind repayment. In the order of consignments.
SELECT consignment_id, sequence_number, tax_type_code, debtor_code, currency_code, sum(amount_minor)::bigint FROM (
    SELECT consignment_id, sequence_number, tax_type_code, debtor_code, currency_code, amount_minor FROM charge_repayment
    WHERE administration_id = %(administration_id)s AND consignment_id > %(after)s
        AND (%(consignment_ids)s::bigint[] IS NULL OR consignment_id = ANY(%(consignment_ids)s::bigint[]))
    UNION ALL
    SELECT consignment_id, sequence_number, tax_type_code, debtor_code, currency_code, amount_minor FROM payment_allocation JOIN act USING (act_id)
    WHERE payment_allocation.administration_id = %(administration_id)s AND act.kind = 'repayment' AND consignment_id > %(after)s
        AND (%(consignment_ids)s::bigint[] IS NULL OR consignment_id = ANY(%(consignment_ids)s::bigint[]))
) AS repaid
GROUP BY consignment_id, sequence_number, tax_type_code, debtor_code, currency_code HAVING sum(amount_minor) <> 0
ORDER BY consignment_id, sequence_number, tax_type_code LIMIT %(limit)s

-- name: select_balances
-- What stands on each account, by phase. Of accounts that never had an entry: nothing.
SELECT kind, currency_code, party_id, debtor_code, tax_type_code, country_code, number, phase, sum(amount_minor)::bigint
FROM ledger_entry JOIN ledger_account USING (account_id)
WHERE ledger_entry.administration_id = %(administration_id)s
GROUP BY kind, currency_code, party_id, debtor_code, tax_type_code, country_code, number, phase
HAVING sum(amount_minor) <> 0
ORDER BY kind, party_id, debtor_code, tax_type_code, country_code, number, currency_code, phase

-- name: select_allocated_by_account
-- What payments took off the accounts of those who owe: entries of postings of payments on the kind 0, amounts-payable.
SELECT kind, currency_code, party_id, debtor_code, tax_type_code, country_code, number, phase, sum(amount_minor)::bigint
FROM (SELECT posting_id FROM ledger_posting WHERE kind <> 0 AND administration_id = %(administration_id)s) AS posting
JOIN ledger_entry USING (posting_id) JOIN ledger_account USING (account_id)
WHERE kind = 0
GROUP BY kind, currency_code, party_id, debtor_code, tax_type_code, country_code, number, phase

-- name: list_standing
-- Consignments as they stand, in the order of their ids.
SELECT consignment_id, party_id, consignee_country_code, status, detail FROM consignment
WHERE administration_id = %(administration_id)s AND consignment_id > %(after)s ORDER BY consignment_id LIMIT %(limit)s

-- name: select_postings
-- Postings in the order of their ids, each entry a row.
SELECT posting_id, ledger_posting.kind, subject_id, posted_at, salt, ledger_account.kind, currency_code, party_id, debtor_code, tax_type_code,
    country_code, number, phase, amount_minor
FROM (
    SELECT * FROM ledger_posting WHERE administration_id = %(administration_id)s AND posting_id > %(after_id)s
    ORDER BY posting_id LIMIT %(limit)s
) AS ledger_posting
JOIN ledger_entry USING (posting_id) JOIN ledger_account USING (account_id)
ORDER BY posting_id, account_id, phase
