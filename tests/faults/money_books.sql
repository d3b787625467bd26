-- What is wrong with money: each statement finds it, and finds nothing where all is well.

-- name: posting_does_not_balance
SELECT posting_id, currency_code, phase, sum(amount_minor) FROM ledger_entry JOIN ledger_account USING (account_id)
GROUP BY 1, 2, 3 HAVING sum(amount_minor) <> 0

-- name: posting_without_entries_or_entries_without_posting
SELECT posting_id FROM ledger_posting
FULL JOIN (SELECT DISTINCT posting_id, 1 AS entered FROM ledger_entry) AS entered USING (posting_id)
WHERE ledger_posting.kind IS NULL OR entered IS NULL

-- name: account_below_nothing
-- By kind, place in ACCOUNT_KINDS: what debtors owe (0), what was reported paid (4), securities (7), what is due back (9, a credit).
SELECT kind, party_id, tax_type_code, sum(amount_minor) FROM ledger_entry JOIN ledger_account USING (account_id)
WHERE kind IN (0, 4, 7, 9) GROUP BY kind, account_id, party_id, tax_type_code
HAVING sum(CASE kind WHEN 9 THEN -amount_minor ELSE amount_minor END) < 0

-- name: payment_is_not_what_was_taken_off_and_left_over
-- What payers paid is what charges got and what is due back.
SELECT act.act_id, stands, coalesce(came, 0), coalesce(taken, 0), coalesce(left_over, 0) FROM (
    SELECT act_id, CASE WHEN EXISTS (SELECT FROM act AS back WHERE back.reverses = act.act_id) THEN 0
        ELSE (parameters ->> 'amount_minor')::bigint END AS stands
    FROM act WHERE kind IN ('paid', 'payment-received')
) AS act
LEFT JOIN (
    SELECT subject_id, sum(amount_minor) FILTER (WHERE ledger_account.kind IN (4, 10)) AS came,
        -sum(amount_minor) FILTER (WHERE ledger_account.kind = 9) AS left_over
    FROM ledger_posting JOIN ledger_entry USING (posting_id) JOIN ledger_account USING (account_id)
    WHERE ledger_posting.kind = 1 GROUP BY 1
) AS entered ON subject_id = act_id
LEFT JOIN (SELECT act_id, sum(amount_minor) AS taken FROM payment_allocation GROUP BY 1) AS allocated USING (act_id)
WHERE stands <> coalesce(came, 0) OR stands <> coalesce(taken, 0) + coalesce(left_over, 0)

-- name: more_taken_off_a_charge_than_it_comes_to
SELECT consignment_id, tax_type_code, coalesce(owed, 0), paid FROM (
    SELECT consignment_id, tax_type_code, debtor_code, currency_code, sequence_number, sum(amount_minor) AS paid
    FROM payment_allocation GROUP BY 1, 2, 3, 4, 5
) AS paid
LEFT JOIN (
    SELECT consignment_id, tax_type_code, debtor_code, currency_code, sequence_number, sum(amount_minor) AS owed
    FROM charge JOIN consignment USING (consignment_id, decision_id)
    WHERE NOT is_reversal AND NOT is_waived GROUP BY 1, 2, 3, 4, 5
) AS owed USING (consignment_id, tax_type_code, debtor_code, currency_code, sequence_number)
WHERE paid < 0 OR paid > coalesce(owed, 0)

-- name: more_of_a_guarantee_in_use_than_there_is
SELECT number, reference_amount_minor, sum(amount_minor) FROM guarantee JOIN guarantee_reservation USING (guarantee_id)
GROUP BY 1, 2 HAVING sum(amount_minor) < 0 OR sum(amount_minor) > reference_amount_minor

-- name: more_of_a_payment_ordered_back_than_was_paid
-- Orders that ended without money (4, 5, 6) order nothing.
SELECT act_id, sum(refund_part.amount_minor), (parameters ->> 'amount_minor')::bigint
FROM refund_part JOIN refund_order USING (refund_order_id) JOIN act USING (act_id) WHERE status NOT IN (4, 5, 6)
GROUP BY act_id, parameters HAVING sum(refund_part.amount_minor) > (parameters ->> 'amount_minor')::bigint

-- name: movement_booked_twice
SELECT parameters, count(*) FROM act WHERE kind = 'payment-received' AND reference IS NULL GROUP BY 1 HAVING count(*) > 1
