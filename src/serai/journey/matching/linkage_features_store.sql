-- name: is_anybody_waiting
SELECT EXISTS (SELECT 1 FROM linkage_feature WHERE administration_id = %(administration_id)s)

-- name: select_candidates_for
-- Documents that have a likeness in common with those sent; of one that too many have, so many that it shows.
SELECT sent_hash, document_id, case_id, plain_hash
FROM unnest(%(key_hashes)s::bigint[]) AS sent (sent_hash)
CROSS JOIN LATERAL (
    SELECT document_id, case_id, plain_hash FROM linkage_feature
    WHERE administration_id = %(administration_id)s AND key_hash = sent_hash AND added_at > %(since)s LIMIT %(count_max)s
) AS candidate

-- name: select_waiting_supporting_documents
-- Orders, payments and transport documents that count nowhere yet, in their newest versions; what has a disputed number waits on.
SELECT document.document_id, document.party_id, document.kind, document.case_id, person_roles, first_person_id, coalesce((
    SELECT array_agg(document_party.party_id) FROM document_party
    WHERE document_party.document_id = document.document_id AND document_party.role = 'declarant'), '{}')
FROM document WHERE document_id = ANY(%(document_ids)s::bigint[]) AND administration_id = %(administration_id)s
    AND NOT is_confirmed AND replaced_by IS NULL AND withdrawn_by IS NULL AND NOT EXISTS (
        SELECT FROM document_key JOIN disputed_number USING (administration_id, key_hash, check_hash, kind)
        WHERE document_key.document_id = document.document_id)
ORDER BY document_id
