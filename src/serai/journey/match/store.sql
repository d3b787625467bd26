-- name: claim_keys
-- Sorted, so that batches do not wait for each other in a circle. The insert holds others off this key until commit.
INSERT INTO match_key (administration_id, kind, key_hash, case_id, opened_at)
SELECT %(administration_id)s, kind, key_hash, case_id, %(at)s
FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bytea[], %(case_ids)s::bigint[]) AS sent (kind, key_hash, case_id)
ORDER BY kind, key_hash, case_id
ON CONFLICT DO NOTHING
RETURNING kind, key_hash, case_id

-- name: select_keys
SELECT match_key.kind, match_key.key_hash, coalesce(merged_into, match_key.case_id), match_key.opened_at
FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bytea[]) AS sent (sent_kind, sent_hash)
JOIN match_key ON administration_id = %(administration_id)s AND kind = sent_kind AND key_hash = sent_hash
LEFT JOIN case_file ON case_file.case_id = match_key.case_id

-- name: take_over_keys
-- A number that came back after its life: the key now belongs to the new case.
UPDATE match_key SET case_id = taken.case_id, opened_at = %(at)s
FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bytea[], %(case_ids)s::bigint[]) AS taken (kind, key_hash, case_id)
WHERE match_key.administration_id = %(administration_id)s AND match_key.kind = taken.kind AND match_key.key_hash = taken.key_hash

-- name: lock_cases
-- In the order of ids, after the keys: the order every writer keeps.
SELECT case_id, coalesce(merged_into, case_id) FROM case_file
WHERE case_id = ANY(%(case_ids)s::bigint[]) ORDER BY case_id FOR UPDATE

-- name: merge_cases
UPDATE case_file SET merged_into = %(survivor)s
WHERE administration_id = %(administration_id)s AND (case_id = %(merged)s OR merged_into = %(merged)s)

-- name: insert_links
INSERT INTO document_link (case_id, document_id, administration_id, score_ppm, verdict, detail, linked_at)
SELECT case_id, document_id, %(administration_id)s, 1000000, verdict, detail, %(at)s
FROM unnest(%(case_ids)s::bigint[], %(document_ids)s::bigint[], %(verdicts)s::text[], %(details)s::text[])
    AS link (case_id, document_id, verdict, detail)
ON CONFLICT DO NOTHING

-- name: resolve_case
SELECT coalesce(merged_into, case_id) FROM case_file
WHERE case_id = %(case_id)s AND administration_id = %(administration_id)s

-- name: select_links
SELECT document_id, score_ppm, verdict, detail, linked_at FROM document_link
WHERE case_id = %(case_id)s AND administration_id = %(administration_id)s ORDER BY linked_at, document_id

-- name: select_presents
SELECT case_id, party_id, kind, coalesce((
    SELECT array_agg(role) FROM party_role WHERE party_role.party_id = document.party_id AND ended_at IS NULL), '{}')
FROM document
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s AND is_confirmed

-- name: select_identifiers
SELECT identifier, party_id FROM party_identifier
WHERE administration_id = %(administration_id)s AND identifier = ANY(%(identifiers)s::text[])

-- name: insert_identifier
INSERT INTO party_identifier (administration_id, identifier, party_id, added_at)
VALUES (%(administration_id)s, %(identifier)s, %(party_id)s, %(at)s) ON CONFLICT DO NOTHING
