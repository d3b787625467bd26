-- Table repayment_plan: written by this room alone. Of other rooms it reads what a plan is worked out from, as a stream.

-- name: unlimit_time
-- A plan reads every payment there is.
SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)

-- name: copy_allocated
-- What of payments was taken off charges of a tax type, and taken back.
COPY (
    SELECT act_id, consignment_id, sequence_number, debtor_code, currency_code, amount_minor FROM payment_allocation
    WHERE administration_id = %(administration_id)s AND tax_type_code = %(tax_type_code)s
) TO STDOUT (FORMAT csv)

-- name: copy_acts
-- Payments: by whom, how (over a payment account: its way), when, how much. payer: pseudonym of the bank account that one came from.
COPY (
    SELECT act_id, CASE kind WHEN 'on-account' THEN coalesce(parameters ->> 'way', kind) ELSE kind END, coalesce(on_behalf_of, party_id), to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
        coalesce(parameters ->> 'payer', ''), (parameters ->> 'amount_minor')::bigint
    FROM act
    WHERE administration_id = %(administration_id)s AND kind = ANY(%(kinds)s)
) TO STDOUT (FORMAT csv)

-- name: copy_bearings
-- Who bore payments, as it was declared and not taken back.
COPY (
    SELECT parameters ->> 'payment', parameters ->> 'bearer', (parameters ->> 'amount_minor')::bigint, act_id FROM act
    WHERE administration_id = %(administration_id)s AND kind = %(kind)s AND parameters ->> 'payment' <> ''
        AND NOT EXISTS (SELECT FROM act AS back WHERE back.reverses = act.act_id)
) TO STDOUT (FORMAT csv)

-- name: copy_repaid
-- What of charges went back before by a plan. (What an officer repaid takes off what is owed, as a payment does.)
COPY (
    SELECT consignment_id, sequence_number, debtor_code, currency_code, amount_minor FROM charge_repayment
    WHERE administration_id = %(administration_id)s AND tax_type_code = %(tax_type_code)s
) TO STDOUT (FORMAT csv)

-- name: sum_revenue
-- What was assessed of a tax type, as the books have it: revenue is on the credit side.
SELECT country_code, currency_code, phase, -sum(amount_minor)::numeric
FROM ledger_account JOIN ledger_entry USING (account_id) JOIN ledger_posting USING (posting_id)
WHERE ledger_account.administration_id = %(administration_id)s AND ledger_account.kind = ANY(%(kinds)s)
    AND tax_type_code = %(tax_type_code)s AND ledger_posting.kind = %(posting_kind)s
GROUP BY country_code, currency_code, phase HAVING sum(amount_minor) <> 0 ORDER BY country_code, currency_code, phase

-- name: sum_paid
-- What payments took off what is owed of a tax type, as the books have it.
SELECT currency_code, -sum(amount_minor)::numeric
FROM ledger_account JOIN ledger_entry USING (account_id) JOIN ledger_posting USING (posting_id)
WHERE ledger_account.administration_id = %(administration_id)s AND ledger_account.kind = %(kind)s AND tax_type_code = %(tax_type_code)s
    AND ledger_posting.kind = %(posting_kind)s
GROUP BY currency_code HAVING sum(amount_minor) <> 0 ORDER BY currency_code

-- name: insert_plan
INSERT INTO repayment_plan (
    plan_id, administration_id, made_at, made_by, title, terms, totals, orders_count, lines_count, lines_hash, orders_hash
)
VALUES (
    %(plan_id)s, %(administration_id)s, %(made_at)s, %(made_by)s, %(title)s, %(terms)s::jsonb, %(totals)s::jsonb, %(orders_count)s,
    %(lines_count)s, %(lines_hash)s, %(orders_hash)s
)

-- piece: columns
SELECT plan_id, made_at, made_by, title, terms, totals, orders_count, lines_count, lines_hash, orders_hash, approved_at,
    begun_at, lines_written_count, orders_written_count, finished_at
FROM repayment_plan WHERE administration_id = %(administration_id)s

-- name: select_plan
-- here: columns
    AND plan_id = %(plan_id)s

-- name: lock_plan
-- Held to the end of the transaction: two who run it take turns.
-- here: columns
    AND plan_id = %(plan_id)s FOR UPDATE

-- name: select_plans
-- here: columns
    AND plan_id < %(before_id)s
ORDER BY plan_id DESC LIMIT %(limit)s

-- name: select_unfinished
-- A plan that is being paid out beside this one.
SELECT plan_id FROM repayment_plan
WHERE administration_id = %(administration_id)s AND begun_at IS NOT NULL AND finished_at IS NULL AND plan_id <> %(plan_id)s LIMIT 1

-- name: select_changed
-- Consignments of which, since a plan was made, a payment was taken back or something was repaid.
SELECT consignment_id FROM payment_allocation JOIN act USING (act_id)
WHERE payment_allocation.administration_id = %(administration_id)s AND posting_id > %(plan_id)s AND tax_type_code = %(tax_type_code)s
    AND (amount_minor < 0 OR act.kind = 'repayment')
UNION
SELECT consignment_id FROM charge_repayment LEFT JOIN repayment_plan AS other ON other.plan_id = source_id
WHERE charge_repayment.administration_id = %(administration_id)s AND tax_type_code = %(tax_type_code)s AND source_id <> %(plan_id)s
    AND (source_id > %(plan_id)s OR other.begun_at >= %(made_at)s)

-- name: approve_plan
UPDATE repayment_plan SET approved_at = %(at)s
WHERE administration_id = %(administration_id)s AND plan_id = %(plan_id)s AND approved_at IS NULL

-- name: note_progress
UPDATE repayment_plan SET begun_at = coalesce(begun_at, %(at)s), lines_written_count = %(lines_written_count)s,
    orders_written_count = %(orders_written_count)s, finished_at = %(finished_at)s
WHERE administration_id = %(administration_id)s AND plan_id = %(plan_id)s
