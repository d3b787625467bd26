-- Documents that a party sent itself.

-- name: select_own_document
-- The newest version under the sender's reference; where it counts, over what it joined, and what lets it count; and whether a declaration
-- that names the sender is held over its number.
WITH own AS (
    SELECT document.document_id, document.version, document.received_at, coalesce(merged_into, document.case_id) AS case_id,
        document.is_confirmed, document.withdrawn_by
    FROM own_submission AS submission
    CROSS JOIN LATERAL (SELECT * FROM document WHERE document.document_id = submission.document_id OFFSET 0) AS document
    LEFT JOIN case_file ON case_file.case_id = document.case_id
    WHERE reference_head(submission.party_id, submission.kind, submission.reference)
            = reference_head(%(party_id)s::bigint, %(kind)s::smallint, %(reference)s::text)
        AND right(submission.reference, 7) = right(%(reference)s::text, 7) COLLATE "C"
        AND submission.administration_id = %(administration_id)s AND submission.party_id = %(party_id)s AND submission.kind = %(kind)s
        AND submission.reference = %(reference)s COLLATE "C"
), family AS (
    SELECT case_id FROM own UNION SELECT case_file.case_id FROM case_file JOIN own ON case_file.merged_into = own.case_id
)
SELECT own.document_id, own.version, own.received_at, own.case_id, own.is_confirmed, own.withdrawn_by IS NOT NULL,
    (SELECT detail FROM document_link WHERE document_link.document_id = own.document_id ORDER BY linked_at DESC LIMIT 1),
    EXISTS (
        SELECT FROM family CROSS JOIN LATERAL (SELECT * FROM case_consignment WHERE of_case_id = family.case_id OFFSET 0) AS consignment
        WHERE consignment.party_id = %(party_id)s AND consignment.status <> %(withdrawn)s),
    EXISTS (SELECT FROM family JOIN case_party USING (case_id) WHERE case_party.party_id = %(party_id)s)
    OR EXISTS (
        SELECT FROM family CROSS JOIN LATERAL (SELECT * FROM document WHERE document.case_id = family.case_id OFFSET 0) AS document
        JOIN document_party ON document_party.document_id = document.document_id
        WHERE document.is_confirmed AND document.document_id <> own.document_id AND document_party.party_id = %(party_id)s),
    EXISTS (SELECT FROM family CROSS JOIN LATERAL (SELECT * FROM case_consignment WHERE of_case_id = family.case_id OFFSET 0) AS consignment),
    EXISTS (
        SELECT FROM document_key JOIN disputed_number AS disputed USING (administration_id, key_hash, check_hash, kind)
        CROSS JOIN LATERAL (
            SELECT disputed.case_id UNION ALL SELECT case_file.case_id FROM case_file WHERE merged_into = disputed.case_id) AS its
        JOIN case_party ON case_party.case_id = its.case_id
        WHERE document_key.document_id = own.document_id AND case_party.party_id = %(party_id)s)
FROM own
