-- Table tax_paid_proof: written by this room alone.

-- name: insert_proof
-- The place in the lists is given by the store; the token that names it is written after.
INSERT INTO tax_paid_proof (proof_id, case_id, consignment_id, issued_at, changed_at, administration_id, status, token)
VALUES (%(proof_id)s, %(case_id)s, %(consignment_id)s, %(at)s, %(at)s, %(administration_id)s, 0, '')
ON CONFLICT (consignment_id) DO NOTHING RETURNING list_index

-- name: set_token
UPDATE tax_paid_proof SET token = %(token)s WHERE proof_id = %(proof_id)s AND administration_id = %(administration_id)s

-- name: select_proof
SELECT proof_id, list_index, case_id, consignment_id, issued_at, changed_at, status, token FROM tax_paid_proof
WHERE consignment_id = %(consignment_id)s AND administration_id = %(administration_id)s

-- name: set_status
UPDATE tax_paid_proof SET status = %(status)s, changed_at = %(at)s
WHERE consignment_id = %(consignment_id)s AND administration_id = %(administration_id)s AND status <> %(status)s

-- name: select_statuses
-- Of a list: those that are not valid, and how far it reaches.
SELECT list_index, status, changed_at FROM tax_paid_proof
WHERE list_index >= %(begin)s AND list_index < %(end)s AND administration_id = %(administration_id)s
ORDER BY list_index
