-- name: insert_bulk_act
-- A reference that its party has used before inserts nothing.
INSERT INTO bulk_act (bulk_id, administration_id, party_id, acting_user, drawn_at, expires_at, content_hash, kind, rule_id, reference, case_count)
VALUES (%(bulk_id)s, %(administration_id)s, %(party_id)s, %(acting_user)s, %(drawn_at)s, %(expires_at)s, %(content_hash)s, %(kind)s,
    %(rule_id)s, %(reference)s, %(case_count)s)
ON CONFLICT DO NOTHING RETURNING bulk_id

-- name: insert_bulk_cases
INSERT INTO bulk_act_case (bulk_id, administration_id, place, case_id, consignment_id, is_sample)
SELECT %(bulk_id)s, %(administration_id)s, place, case_id, consignment_id, place = ANY(%(sample)s::smallint[])
FROM unnest(%(case_ids)s::bigint[], %(consignment_ids)s::bigint[]) WITH ORDINALITY AS given (case_id, consignment_id, place)

-- piece: bulk_columns
bulk_id, acting_user, drawn_at, expires_at, content_hash, confirmed_at

-- name: select_bulk_act
SELECT
    -- here: bulk_columns
FROM bulk_act WHERE bulk_id = %(bulk_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s

-- name: select_bulk_act_by_reference
SELECT
    -- here: bulk_columns
FROM bulk_act WHERE reference = %(reference)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s

-- name: select_bulk_cases
SELECT place, case_id, consignment_id, is_sample, opened_at FROM bulk_act_case
WHERE bulk_id = %(bulk_id)s AND administration_id = %(administration_id)s ORDER BY place

-- name: open_sample
UPDATE bulk_act_case SET opened_at = coalesce(opened_at, %(at)s)
WHERE bulk_id = %(bulk_id)s AND case_id = %(case_id)s AND is_sample AND administration_id = %(administration_id)s
RETURNING case_id

-- name: confirm_bulk_act
UPDATE bulk_act SET confirmed_at = coalesce(confirmed_at, %(at)s)
WHERE bulk_id = %(bulk_id)s AND administration_id = %(administration_id)s
