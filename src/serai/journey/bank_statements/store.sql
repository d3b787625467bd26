-- Tables bank_account and bank_movement: written by this room alone.

-- name: lock_account
-- Held to the end: two imports of one account take turns.
INSERT INTO bank_account (administration_id, number, read_at, point) VALUES (%(administration_id)s, %(number)s, %(at)s, 'null')
ON CONFLICT (administration_id, number) DO UPDATE SET read_at = bank_account.read_at
RETURNING point

-- name: update_account
UPDATE bank_account SET read_at = %(at)s, point = %(point)s
WHERE administration_id = %(administration_id)s AND number = %(number)s

-- name: select_known
SELECT movement_key FROM bank_movement
WHERE administration_id = %(administration_id)s AND movement_key = ANY(%(keys)s::bytea[])

-- name: insert_movements
INSERT INTO bank_movement (administration_id, movement_key, movement_id, act_id, case_id, amount_minor, imported_at, booked_on, outcome,
    account_number, currency_code, creditor_reference, statement, pointer)
SELECT %(administration_id)s, movement_key, movement_id, act_id, case_id, amount_minor, %(at)s, booked_on, outcome, %(account_number)s,
    currency_code, creditor_reference, %(statement)s, pointer
FROM unnest(%(keys)s::bytea[], %(movement_ids)s::bigint[], %(act_ids)s::bigint[], %(case_ids)s::bigint[], %(amounts)s::bigint[],
    %(days)s::date[], %(outcomes)s::text[], %(currencies)s::text[], %(references)s::text[], %(pointers)s::text[])
    AS found (movement_key, movement_id, act_id, case_id, amount_minor, booked_on, outcome, currency_code, creditor_reference, pointer)

-- name: select_act_of_reference
-- The newest payment under a reference of such an amount that was booked, for what takes it back.
SELECT act_id, case_id FROM bank_movement
WHERE administration_id = %(administration_id)s AND creditor_reference = %(reference)s COLLATE "C" AND amount_minor = %(amount_minor)s
    AND account_number = %(account_number)s COLLATE "C" AND act_id IS NOT NULL
ORDER BY movement_id DESC LIMIT 1

-- name: select_unmatched
SELECT movement_id, account_number, statement, pointer, booked_on, amount_minor, currency_code, creditor_reference, outcome
FROM bank_movement WHERE administration_id = %(administration_id)s AND act_id IS NULL AND movement_id > %(after_id)s
ORDER BY movement_id LIMIT %(limit)s

-- name: lock_movement
-- Held to the end: two who book it take turns.
SELECT movement_key, act_id, case_id, amount_minor, currency_code, account_number, outcome FROM bank_movement
WHERE administration_id = %(administration_id)s AND movement_id = %(movement_id)s FOR UPDATE

-- name: match_movement
UPDATE bank_movement SET act_id = %(act_id)s, case_id = %(case_id)s, outcome = 'paid'
WHERE administration_id = %(administration_id)s AND movement_id = %(movement_id)s AND act_id IS NULL
