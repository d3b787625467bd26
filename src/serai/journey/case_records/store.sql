-- name: select_case_documents
SELECT document_id, case_id, document.party_id, party.name, kind, version, is_confirmed, role, received_at, person_roles,
    first_person_id
FROM document LEFT JOIN party ON party.party_id = document.party_id
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND document.administration_id = %(administration_id)s
ORDER BY document_id

-- name: select_case_match
-- What the documents came to when they were last looked at together.
SELECT verdict, score_ppm, said, awaited, matched_at FROM case_match
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s ORDER BY match_id DESC LIMIT 1

-- name: select_possible_matches
-- Cases that may be one with these, those that have become one left out.
SELECT coalesce(merged_into, other.other_id), score_ppm, found_at
FROM possible_match CROSS JOIN LATERAL (
    SELECT CASE WHEN possible_match.case_id = ANY(%(case_ids)s::bigint[]) THEN other_case_id ELSE possible_match.case_id END AS other_id
) AS other LEFT JOIN case_file ON case_file.case_id = other.other_id
WHERE (possible_match.case_id = ANY(%(case_ids)s::bigint[]) OR other_case_id = ANY(%(case_ids)s::bigint[]))
    AND possible_match.administration_id = %(administration_id)s
    AND NOT coalesce(merged_into, other.other_id) = ANY(%(case_ids)s::bigint[])
ORDER BY score_ppm DESC, found_at LIMIT 20

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
