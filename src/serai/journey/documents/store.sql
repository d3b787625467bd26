-- name: claim_submissions
-- In the order they were sorted in. What is known already is left out.
INSERT INTO submission (party_id, document_id, administration_id, kind, version, place, reference)
SELECT * FROM unnest(%(party_id)s, %(document_id)s, %(administration_id)s, %(kind)s, %(version)s, %(place)s, %(reference)s)
ON CONFLICT DO NOTHING
RETURNING document_id

-- name: select_places
-- How many references there are that the index cannot tell from each of these.
SELECT (
    SELECT count(*)::smallint FROM own_submission
    WHERE reference_head(party_id, kind, reference) = reference_head(sent_party_id, %(kind)s::smallint, sent_reference)
        AND right(reference, 7) = right(sent_reference, 7) COLLATE "C"
)
FROM unnest(%(party_ids)s::bigint[], %(references)s::text[]) WITH ORDINALITY AS sent (sent_party_id, sent_reference, number)
ORDER BY number

-- piece: its_submission
-- By the index for each, whatever the statistics say; what it finds is compared.
SELECT * FROM own_submission
WHERE reference_head(party_id, kind, reference) = reference_head(sent_party_id, %(kind)s::smallint, sent_reference)
    AND right(reference, 7) = right(sent_reference, 7) COLLATE "C"
    AND administration_id = %(administration_id)s AND party_id = sent_party_id AND kind = %(kind)s
    AND reference = sent_reference COLLATE "C" OFFSET 0

-- name: select_submissions
SELECT party_id, reference, version, document_id, coalesce(first_id, document_id)
FROM unnest(%(party_ids)s::bigint[], %(references)s::text[]) AS sent (sent_party_id, sent_reference)
CROSS JOIN LATERAL (
    -- here: its_submission
) AS submission

-- name: lock_submissions
-- Sorted as they are claimed: batches that amend the same take turns and never wait in a circle.
SELECT party_id, reference, version, document_id, coalesce(first_id, document_id)
FROM (
    SELECT * FROM unnest(%(party_ids)s::bigint[], %(references)s::text[]) AS sent (sent_party_id, sent_reference)
    ORDER BY sent_party_id, sent_reference COLLATE "C"
) AS sent
CROSS JOIN LATERAL (
    -- here: its_submission
    FOR UPDATE
) AS submission

-- name: raise_versions
-- Of references that are locked, each once: an amendment takes the place of the newest version. By where each row lies: whatever the
-- statistics say, the table is not read for them.
UPDATE submission SET version = submission.version + 1, document_id = found.sent_id,
    first_id = coalesce(submission.first_id, submission.document_id)
FROM (
    SELECT row_id, sent_id
    FROM unnest(%(party_ids)s::bigint[], %(references)s::text[], %(document_ids)s::bigint[])
        AS sent (sent_party_id, sent_reference, sent_id)
    CROSS JOIN LATERAL (
        -- here: its_submission
    ) AS its
) AS found
WHERE submission.ctid = found.row_id

-- name: select_documents_of_case
SELECT document_id, party_id, kind, version, is_confirmed, role, received_at, person_roles, first_person_id
FROM document WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s
ORDER BY document_id

-- name: select_reference_of_mrn
-- Registration numbers end in the id of the consignment, so the row is found by its key.
SELECT reference FROM consignment
WHERE consignment_id = %(consignment_id)s AND mrn = %(mrn)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s

-- name: select_people_of_document
SELECT person_roles, first_person_id FROM document
WHERE document_id = %(document_id)s AND administration_id = %(administration_id)s

-- name: set_withdrawn
-- Once, for the newest version; the earlier ones were replaced before.
UPDATE supporting_document SET withdrawn_by = %(act_id)s
WHERE document_id = %(document_id)s AND administration_id = %(administration_id)s AND withdrawn_by IS NULL

-- name: select_standings
SELECT document_id, case_id, is_confirmed, withdrawn_by FROM supporting_document
WHERE document_id = ANY(%(document_ids)s::bigint[]) AND administration_id = %(administration_id)s
