-- Public parts of the log's signing keys.

-- name: select_public_keys
SELECT public_key, origin FROM signing_key WHERE valid_to IS NULL

-- name: insert_public_key
INSERT INTO signing_key (public_key, origin, valid_from) VALUES (%(public_key)s, %(origin)s, %(at)s)
ON CONFLICT DO NOTHING
