-- Tables token_issuer_key, token_status_list, tax_paid_scheme and tax_paid_version: written by this room alone.

-- name: bump_version
-- Whoever changes what is believed holds this row: changes come one after the other, and each is seen.
INSERT INTO tax_paid_version (administration_id, version) VALUES (%(administration_id)s, 1)
ON CONFLICT (administration_id) DO UPDATE SET version = tax_paid_version.version + 1

-- name: select_version
SELECT version FROM tax_paid_version WHERE administration_id = %(administration_id)s

-- name: insert_key
INSERT INTO token_issuer_key (key_id, party_id, registered_at, valid_from, valid_to, administration_id, issuer, kid, public_key)
VALUES (%(key_id)s, %(party_id)s, %(registered_at)s, %(valid_from)s, %(valid_to)s, %(administration_id)s, %(issuer)s, %(kid)s, %(public_key)s)
ON CONFLICT (administration_id, kid) DO NOTHING

-- piece: key_columns
key_id, party_id, issuer, kid, public_key, valid_from, valid_to, registered_at, revoked_at

-- name: select_keys
SELECT
    -- here: key_columns
FROM token_issuer_key WHERE administration_id = %(administration_id)s ORDER BY key_id

-- name: select_key_by_kid
SELECT
    -- here: key_columns
FROM token_issuer_key WHERE administration_id = %(administration_id)s AND kid = %(kid)s COLLATE "C"

-- name: revoke_key
UPDATE token_issuer_key SET revoked_at = %(at)s
WHERE administration_id = %(administration_id)s AND key_id = %(key_id)s AND revoked_at IS NULL

-- name: write_list
-- Never an older one in a newer one's place.
INSERT INTO token_status_list (administration_id, issuer, uri, issued_at, received_at, content)
VALUES (%(administration_id)s, %(issuer)s, %(uri)s, %(issued_at)s, %(at)s, %(content)s)
ON CONFLICT (administration_id, issuer, uri) DO UPDATE
SET issued_at = excluded.issued_at, received_at = excluded.received_at, content = excluded.content
WHERE token_status_list.issued_at < excluded.issued_at

-- name: select_list
SELECT issued_at, content FROM token_status_list
WHERE administration_id = %(administration_id)s AND issuer = %(issuer)s COLLATE "C" AND uri = %(uri)s COLLATE "C"

-- name: select_lists
SELECT issuer, content FROM token_status_list WHERE administration_id = %(administration_id)s

-- name: insert_scheme
INSERT INTO tax_paid_scheme (scheme_id, party_id, registered_at, tokens_from, administration_id, scheme_kind_code, number)
VALUES (%(scheme_id)s, %(party_id)s, %(registered_at)s, %(tokens_from)s, %(administration_id)s, %(scheme_kind_code)s, %(number)s)
ON CONFLICT (administration_id, scheme_kind_code, number) DO NOTHING

-- piece: scheme_columns
scheme_id, party_id, scheme_kind_code, number, tokens_from, registered_at, ended_at

-- name: select_schemes
-- Of one party, or of all.
SELECT
    -- here: scheme_columns
FROM tax_paid_scheme
WHERE administration_id = %(administration_id)s AND scheme_id > %(after_id)s AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
ORDER BY scheme_id LIMIT %(limit)s

-- name: select_scheme
-- Of one party, or of any: another's is looked for as one that does not exist is.
SELECT
    -- here: scheme_columns
FROM tax_paid_scheme
WHERE administration_id = %(administration_id)s AND scheme_id = %(scheme_id)s AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)

-- name: select_scheme_by_number
SELECT
    -- here: scheme_columns
FROM tax_paid_scheme
WHERE administration_id = %(administration_id)s AND scheme_kind_code = %(scheme_kind_code)s COLLATE "C" AND number = %(number)s COLLATE "C"

-- name: set_tokens_from
UPDATE tax_paid_scheme SET tokens_from = %(tokens_from)s WHERE administration_id = %(administration_id)s AND scheme_id = %(scheme_id)s
