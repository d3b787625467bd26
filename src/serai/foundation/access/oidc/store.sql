-- name: insert_attempt
INSERT INTO oidc_attempt (state_hash, cookie_hash, administration_id, provider, next_address, expires_at)
VALUES (%(state_hash)s, %(cookie_hash)s, %(administration_id)s, %(provider)s, %(next_address)s, %(expires_at)s)

-- name: use_attempt
-- Once, by the browser that began it, and back from the provider to which it was sent.
DELETE FROM oidc_attempt
WHERE state_hash = %(state_hash)s AND cookie_hash = %(cookie_hash)s AND administration_id = %(administration_id)s
    AND provider = %(provider)s AND expires_at > %(at)s
RETURNING next_address

-- name: select_account_of_identity
SELECT account_id FROM account_identity
WHERE administration_id = %(administration_id)s AND issuer = %(issuer)s AND subject = %(subject)s

-- name: select_identities
SELECT issuer, subject, linked_at FROM account_identity
WHERE account_id = %(account_id)s AND administration_id = %(administration_id)s ORDER BY issuer

-- name: insert_identity
INSERT INTO account_identity (administration_id, issuer, subject, account_id, linked_at)
VALUES (%(administration_id)s, %(issuer)s, %(subject)s, %(account_id)s, %(at)s)
ON CONFLICT DO NOTHING

-- name: delete_identity
DELETE FROM account_identity
WHERE account_id = %(account_id)s AND administration_id = %(administration_id)s AND issuer = %(issuer)s
