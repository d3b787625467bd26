-- Where signed lists come from, and how it went.

-- name: insert_source
-- One for each name: the same again finds the one that is there.
INSERT INTO list_source (source_id, registered_at, age_hours_max, administration_id, name, address, public_key)
VALUES (%(source_id)s, %(at)s, %(age_hours_max)s, %(administration_id)s, %(name)s, %(address)s, %(public_key)s)
ON CONFLICT (administration_id, name) WHERE ended_at IS NULL DO NOTHING

-- name: select_sources
SELECT source_id, name, address, public_key, age_hours_max, registered_at, checked_at, signed_at, outcome_code, seen_hash FROM list_source
WHERE administration_id = %(administration_id)s AND ended_at IS NULL ORDER BY name

-- name: end_source
UPDATE list_source SET ended_at = %(at)s
WHERE source_id = %(source_id)s AND administration_id = %(administration_id)s AND ended_at IS NULL

-- name: take_due
-- The one that was asked longest ago, so that each is asked by one process.
UPDATE list_source SET checked_at = %(at)s WHERE source_id = (
    SELECT source_id FROM list_source
    WHERE administration_id = %(administration_id)s AND ended_at IS NULL AND (checked_at IS NULL OR checked_at <= %(before)s)
    ORDER BY checked_at NULLS FIRST, source_id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING source_id, name, address, public_key, age_hours_max, registered_at, checked_at, signed_at, outcome_code, seen_hash

-- name: note_outcome
UPDATE list_source SET outcome_code = %(outcome_code)s, signed_at = coalesce(%(signed_at)s, signed_at),
    seen_hash = coalesce(%(seen_hash)s, seen_hash)
WHERE source_id = %(source_id)s AND administration_id = %(administration_id)s
