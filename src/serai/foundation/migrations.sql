-- The history of the database's own shape.

-- name: create_migration
CREATE TABLE IF NOT EXISTS migration (
    number integer PRIMARY KEY,
    phase text NOT NULL,
    name text NOT NULL,
    checksum bytea NOT NULL,
    applied_at timestamptz NOT NULL
)

-- name: lock_migrations
-- The number is arbitrary and belongs to Serai's migrations in this database; freed at the end of the session.
SELECT pg_advisory_lock(7281345001)

-- name: limit_waiting
-- A migration that waits for a table's lock makes everybody else wait behind it.
SET lock_timeout = '30s'

-- name: tell_instant
-- Migrations read no clock: what they make for today, they make for this instant.
SELECT set_config('serai.at', %(at)s, false)

-- name: select_migrations
SELECT number, phase, checksum FROM migration ORDER BY number

-- name: insert_migration
INSERT INTO migration (number, phase, name, checksum, applied_at)
VALUES (%(number)s, %(phase)s, %(name)s, %(checksum)s, %(at)s)
