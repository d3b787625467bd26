-- What was found of names that resemble listed ones, and what officers said of it.

-- name: insert_hits
-- Of a decision; the same again changes nothing but that it is so again.
INSERT INTO party_hit (consignment_id, decision_id, found_at, verdict_id, score_ppm, administration_id, version, role, list_code, entry_id,
    entry_hash, pair_hash)
SELECT consignment_id, decision_id, %(at)s, nullif(verdict_id, 0), score_ppm, %(administration_id)s, version, role, list_code, entry_id,
    entry_hash, pair_hash
FROM unnest(%(consignment_ids)s::bigint[], %(decision_ids)s::bigint[], %(verdict_ids)s::bigint[], %(scores_ppm)s::integer[],
    %(versions)s::smallint[], %(roles)s::text[], %(list_codes)s::text[], %(entry_ids)s::text[], %(entry_hashes)s::bytea[],
    %(pair_hashes)s::bytea[])
    AS found (consignment_id, decision_id, verdict_id, score_ppm, version, role, list_code, entry_id, entry_hash, pair_hash)
ON CONFLICT (consignment_id, decision_id, role, list_code, entry_id) DO UPDATE
SET verdict_id = excluded.verdict_id, score_ppm = excluded.score_ppm, entry_hash = excluded.entry_hash,
    pair_hash = excluded.pair_hash, ended_at = NULL

-- name: select_hits
-- Those that have not ended, by the primary key; the newest decision comes last.
SELECT consignment_id, decision_id, version, role, list_code, entry_id, entry_hash, pair_hash, score_ppm, verdict_id FROM party_hit
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s AND ended_at IS NULL
ORDER BY consignment_id, decision_id, role, list_code, entry_id

-- name: select_bearing
-- Consignments with the same pair, by the index of pairs.
SELECT DISTINCT consignment_id FROM party_hit
WHERE pair_hash = %(pair_hash)s AND administration_id = %(administration_id)s AND ended_at IS NULL
ORDER BY consignment_id LIMIT %(limit)s

-- name: select_entries
-- Wordings of entries that hits speak of; read once for each new list.
SELECT DISTINCT list_code, entry_id, entry_hash FROM party_hit
WHERE administration_id = %(administration_id)s AND ended_at IS NULL

-- name: select_of_entries
-- Consignments with hits on some wordings of entries.
SELECT DISTINCT consignment_id FROM party_hit
JOIN unnest(%(list_codes)s::text[], %(entry_ids)s::text[], %(entry_hashes)s::bytea[]) AS gone (gone_list, gone_entry, gone_hash)
    ON list_code = gone_list AND entry_id = gone_entry AND entry_hash = gone_hash
WHERE administration_id = %(administration_id)s AND ended_at IS NULL
ORDER BY consignment_id LIMIT %(limit)s

-- name: end_hits
UPDATE party_hit SET ended_at = %(at)s
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s AND ended_at IS NULL

-- name: is_my_turn
-- One process of an administration looks at entries that are gone.
SELECT pg_try_advisory_xact_lock(hashtextextended('name_verdicts', %(administration_id)s))

-- name: select_verdicts
SELECT pair_hash, verdict_id, code, decided_at, decided_by FROM name_verdict
WHERE pair_hash = ANY(%(pair_hashes)s::bytea[]) AND administration_id = %(administration_id)s

-- name: keep_verdict
-- The newest word on a pair stands; those before are acts in the log.
INSERT INTO name_verdict (pair_hash, verdict_id, consignment_id, decided_at, administration_id, code, decided_by)
VALUES (%(pair_hash)s, %(verdict_id)s, %(consignment_id)s, %(at)s, %(administration_id)s, %(code)s, %(decided_by)s)
ON CONFLICT (administration_id, pair_hash) DO UPDATE
SET verdict_id = excluded.verdict_id, consignment_id = excluded.consignment_id, decided_at = excluded.decided_at, code = excluded.code,
    decided_by = excluded.decided_by
