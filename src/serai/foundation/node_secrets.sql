-- Secrets of the key folder, as the database knows them again.

-- name: select_known
SELECT version, check_value FROM node_secret WHERE name = %(name)s

-- name: insert_known
INSERT INTO node_secret (name, version, check_value, made_at) VALUES (%(name)s, %(version)s, %(check_value)s, %(at)s)
ON CONFLICT DO NOTHING
