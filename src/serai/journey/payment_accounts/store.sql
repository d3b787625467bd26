-- Tables payment_account and payment_account_movement: written by this room alone.

-- name: insert_account
INSERT INTO payment_account (account_id, party_id, limit_minor, opened_at, administration_id, number, way, currency_code)
VALUES (%(account_id)s, %(party_id)s, %(limit_minor)s, %(opened_at)s, %(administration_id)s, %(number)s, %(way)s, %(currency_code)s)
ON CONFLICT (administration_id, number) DO NOTHING

-- piece: account_columns
account_id, party_id, number, way, currency_code, limit_minor, opened_at, closed_at,
(SELECT coalesce(sum(amount_minor), 0)::bigint FROM payment_account_movement AS moved WHERE moved.account_id = payment_account.account_id)

-- name: select_account
-- Of one party, or of any: another's is looked for as one that does not exist is.
SELECT
    -- here: account_columns
FROM payment_account
WHERE administration_id = %(administration_id)s AND number = %(number)s COLLATE "C"
    AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)

-- name: lock_account
SELECT account_id FROM payment_account WHERE administration_id = %(administration_id)s AND number = %(number)s COLLATE "C" FOR UPDATE

-- name: select_accounts
-- Of one party, or of all, in the order in which they were opened.
SELECT
    -- here: account_columns
FROM payment_account
WHERE administration_id = %(administration_id)s AND account_id > %(after_id)s AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
ORDER BY account_id LIMIT %(limit)s

-- name: select_accounts_of_ids
SELECT
    -- here: account_columns
FROM payment_account
WHERE administration_id = %(administration_id)s AND account_id = ANY(%(account_ids)s::bigint[])

-- name: close_account
-- The first closing counts.
UPDATE payment_account SET closed_at = coalesce(closed_at, %(at)s)
WHERE administration_id = %(administration_id)s AND number = %(number)s COLLATE "C"

-- name: insert_movement
INSERT INTO payment_account_movement (movement_id, account_id, subject_id, case_id, amount_minor, moved_at, administration_id)
VALUES (%(movement_id)s, %(account_id)s, %(subject_id)s, %(case_id)s, %(amount_minor)s, %(at)s, %(administration_id)s)

-- name: take_back_movements
-- What stands of an act: nothing where it was taken back before.
INSERT INTO payment_account_movement (movement_id, account_id, subject_id, case_id, amount_minor, moved_at, administration_id)
SELECT %(movement_id)s, account_id, %(subject_id)s, min(case_id), -sum(amount_minor), %(at)s, %(administration_id)s
FROM payment_account_movement WHERE subject_id = %(subject_id)s AND administration_id = %(administration_id)s
GROUP BY account_id HAVING sum(amount_minor) <> 0

-- name: sum_before
SELECT coalesce(sum(amount_minor), 0)::bigint FROM payment_account_movement WHERE account_id = %(account_id)s AND moved_at < %(begin)s

-- name: select_movements
SELECT movement_id, subject_id, case_id, amount_minor, moved_at FROM payment_account_movement
WHERE account_id = %(account_id)s AND moved_at >= %(begin)s AND moved_at < %(end)s ORDER BY movement_id
