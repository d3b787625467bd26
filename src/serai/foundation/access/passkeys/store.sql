-- Passkeys, and what they are asked to sign.

-- name: put_challenge
-- The newest question counts.
INSERT INTO passkey_challenge (cookie_hash, purpose, administration_id, challenge, expires_at)
VALUES (%(cookie_hash)s, %(purpose)s, %(administration_id)s, %(challenge)s, %(expires_at)s)
ON CONFLICT (cookie_hash, purpose) DO UPDATE SET challenge = excluded.challenge, expires_at = excluded.expires_at

-- name: take_challenge
-- Once: of two answers to one question the second finds none.
DELETE FROM passkey_challenge
WHERE cookie_hash = %(cookie_hash)s AND purpose = %(purpose)s AND administration_id = %(administration_id)s
RETURNING challenge, expires_at

-- name: insert_passkey
INSERT INTO passkey (passkey_id, administration_id, account_id, credential_id, credential, sign_count, name, created_at)
VALUES (
    %(passkey_id)s, %(administration_id)s, %(account_id)s, %(credential_id)s, %(credential)s, %(sign_count)s, %(name)s, %(at)s
)
ON CONFLICT (administration_id, credential_id) DO NOTHING

-- name: select_passkeys
SELECT passkey_id, account_id, credential, sign_count, name, created_at, used_at FROM passkey
WHERE account_id = %(account_id)s AND administration_id = %(administration_id)s ORDER BY passkey_id

-- name: select_passkey_of_credential
SELECT passkey_id, account_id, credential, sign_count, name, created_at, used_at FROM passkey
WHERE administration_id = %(administration_id)s AND credential_id = %(credential_id)s

-- name: use_passkey
-- A count that does not grow is a copy's; an authenticator that does not count says nought each time.
UPDATE passkey SET sign_count = %(sign_count)s, used_at = %(at)s
WHERE passkey_id = %(passkey_id)s AND (sign_count < %(sign_count)s OR (sign_count = 0 AND %(sign_count)s = 0))

-- name: delete_passkey
DELETE FROM passkey
WHERE passkey_id = %(passkey_id)s AND account_id = %(account_id)s AND administration_id = %(administration_id)s
