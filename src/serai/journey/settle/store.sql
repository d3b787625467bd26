-- name: insert_mark
INSERT INTO settlement_mark (mark_id, administration_id, case_id, kind, currency_code, amount_minor, party_id, reference, marked_at)
VALUES (%(mark_id)s, %(administration_id)s, %(case_id)s, %(kind)s, %(currency_code)s, %(amount_minor)s, %(party_id)s, %(reference)s, %(at)s)
ON CONFLICT (administration_id, party_id, reference) DO NOTHING

-- name: select_mark
SELECT mark_id, case_id, kind, currency_code, amount_minor FROM settlement_mark
WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s AND reference = %(reference)s COLLATE "C"

-- name: select_marks
-- What was paid, put on account or secured for cases, those merged into them included.
WITH family AS (
    SELECT case_id AS root, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (case_id)
    UNION SELECT merged_into, case_id FROM case_file WHERE merged_into = ANY(%(case_ids)s::bigint[])
)
SELECT root, currency_code, sum(amount_minor)::bigint FROM family JOIN settlement_mark USING (case_id)
WHERE administration_id = %(administration_id)s GROUP BY root, currency_code

-- name: select_border_dues
-- What stands as due at the border (due 0), neither waived nor a claim (kind 4), by consignment; by its newest decision alone.
WITH family AS (
    SELECT case_id AS root, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (case_id)
    UNION SELECT merged_into, case_id FROM case_file WHERE merged_into = ANY(%(case_ids)s::bigint[])
)
SELECT root, consignment.consignment_id, currency_code, sum(amount_minor)::bigint
FROM family JOIN consignment USING (case_id)
JOIN charge ON charge.consignment_id = consignment.consignment_id AND charge.decision_id = consignment.decision_id
WHERE consignment.administration_id = %(administration_id)s AND due = 0 AND kind <> 4 AND NOT is_waived AND NOT is_reversal
GROUP BY root, consignment.consignment_id, currency_code

-- name: select_standing
-- The charges of the newest decisions of consignments.
SELECT charge.consignment_id, sequence_number, charge_number, kind, due, is_waived, tax_type_code, liable_code, currency_code,
    base_minor, rate_numerator, rate_denominator, amount_minor
FROM unnest(%(consignment_ids)s::bigint[], %(decision_ids)s::bigint[]) AS asked (consignment_id, decision_id)
JOIN charge ON charge.consignment_id = asked.consignment_id AND charge.decision_id = asked.decision_id
WHERE NOT is_reversal
