-- name: select_case_documents
-- With whether each is open to the viewer.
SELECT document_id, case_id, document.party_id, party.name, kind, version, is_confirmed, role, received_at, person_roles,
    first_person_id, replaced_by IS NULL AND withdrawn_by IS NULL,
    is_open_to(%(viewer_id)s, document.party_id, document_id, (%(kinds)s::text[])[kind], %(case_ids)s::bigint[],
        document.administration_id, %(at)s)
FROM document LEFT JOIN party ON party.party_id = document.party_id
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND document.administration_id = %(administration_id)s
ORDER BY document_id

-- name: select_case_match
-- What the documents came to when they were last looked at together.
SELECT verdict, score_ppm, said, awaited, matched_at FROM case_match
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s ORDER BY match_id DESC LIMIT 1

-- name: select_possible_matches
-- Open tasks of the declarations of cases, and of documents that wait in them: each with the case at the other end.
WITH offered AS (
    SELECT task.document_id, score_ppm, opened_at, there.case_id FROM task
    CROSS JOIN LATERAL (SELECT case_id FROM supporting_document WHERE document_id = task.document_id OFFSET 0) AS there
    WHERE consignment_id = ANY(ARRAY(SELECT consignment_id FROM case_consignment WHERE of_case_id = ANY(%(case_ids)s::bigint[])))
        AND document_id IS NOT NULL AND closed_at IS NULL AND administration_id = %(administration_id)s
    UNION ALL
    SELECT task.document_id, score_ppm, opened_at, there.case_id FROM task
    CROSS JOIN LATERAL (SELECT case_id FROM declared_consignment WHERE consignment_id = task.consignment_id OFFSET 0) AS there
    WHERE document_id = ANY(ARRAY(SELECT document_id FROM supporting_document WHERE case_id = ANY(%(case_ids)s::bigint[])))
        AND closed_at IS NULL AND administration_id = %(administration_id)s
)
SELECT coalesce(merged_into, offered.case_id), document_id, score_ppm, offered.opened_at
FROM offered LEFT JOIN case_file ON case_file.case_id = offered.case_id
ORDER BY score_ppm DESC, offered.opened_at LIMIT 20

-- name: select_preloadings
SELECT party_id, reference, outcome, made_at FROM loading_assessment
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s ORDER BY assessment_id

-- name: select_case_decisions
-- For the timeline: who was decided upon, when, and what it replaced.
SELECT decision_id, consignment_id, document_id, kind, lane, status, is_provisional, supersedes, decided_at
FROM decision WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s
ORDER BY decision_id

-- name: select_details
-- Every decision ever made on consignments, with what it replaced.
SELECT consignment_id, decision_id, supersedes, detail
FROM decision WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s
ORDER BY consignment_id, decision_id

-- name: select_similar
-- What the same declarant declared just before, newest first, by the index consignment_by_party: so many and no more. Which of them have a
-- heading in common is read out of their details.
SELECT case_id, consignment_id, reference, lane, status, changed_at, detail FROM declared_consignment
WHERE party_id = %(party_id)s AND consignment_id < %(before_id)s AND administration_id = %(administration_id)s
ORDER BY consignment_id DESC LIMIT %(count_max)s
