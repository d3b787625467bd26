-- Public parts of the log's signing keys.

-- name: select_public_keys
SELECT public_key FROM signing_key WHERE origin = %(origin)s AND valid_to IS NULL

-- name: insert_public_key
INSERT INTO signing_key (public_key, origin, valid_from) VALUES (%(public_key)s, %(origin)s, %(at)s)
ON CONFLICT DO NOTHING
