-- name: select_account_of_ended_session
-- Of a session that ran out, not of one that was ended: who was locked out or has signed out keeps nothing.
SELECT account.account_id FROM page_session JOIN account USING (account_id)
WHERE page_session.session_hash = %(session_hash)s AND page_session.administration_id = %(administration_id)s
    AND page_session.ended_at IS NULL AND NOT page_session.awaits_second_factor AND account.ended_at IS NULL
    AND page_session.expires_at > %(expired_after)s

-- name: insert_kept_form
INSERT INTO kept_form (form_hash, administration_id, account_id, expires_at, sealed)
VALUES (%(form_hash)s, %(administration_id)s, %(account_id)s, %(expires_at)s, %(sealed)s)

-- name: delete_oldest_kept_forms
DELETE FROM kept_form WHERE form_hash IN (
    SELECT form_hash FROM kept_form WHERE account_id = %(account_id)s AND administration_id = %(administration_id)s
    ORDER BY expires_at DESC OFFSET %(count_max)s
)

-- name: select_kept_form
SELECT sealed FROM kept_form
WHERE form_hash = %(form_hash)s AND administration_id = %(administration_id)s AND account_id = %(account_id)s AND expires_at > %(at)s

-- name: delete_kept_form
DELETE FROM kept_form WHERE form_hash = %(form_hash)s AND administration_id = %(administration_id)s AND account_id = %(account_id)s
