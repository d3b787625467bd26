-- name: insert_mark
INSERT INTO payment_record (mark_id, administration_id, case_id, kind, currency_code, amount_minor, party_id, reference, marked_at)
VALUES (%(mark_id)s, %(administration_id)s, %(case_id)s, %(kind)s, %(currency_code)s, %(amount_minor)s, %(party_id)s, %(reference)s, %(at)s)
ON CONFLICT (administration_id, party_id, reference) DO NOTHING

-- name: select_mark
SELECT mark_id, case_id, kind, currency_code, amount_minor FROM payment_record
WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s AND reference = %(reference)s COLLATE "C"

-- name: select_marks
-- What was paid, put on account or secured for cases, those merged into them included.
WITH family AS (
    SELECT case_id AS root, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (case_id)
    UNION SELECT merged_into, case_id FROM case_file WHERE merged_into = ANY(%(case_ids)s::bigint[])
)
SELECT root, currency_code, sum(amount_minor)::bigint FROM family JOIN payment_record USING (case_id)
WHERE administration_id = %(administration_id)s GROUP BY root, currency_code

-- name: select_standing
-- The consignments of cases with the detail of their newest decisions.
WITH family AS (
    SELECT case_id AS root, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (case_id)
    UNION SELECT merged_into, case_id FROM case_file WHERE merged_into = ANY(%(case_ids)s::bigint[])
)
SELECT root, consignment_id, detail FROM family JOIN consignment USING (case_id)
WHERE administration_id = %(administration_id)s
