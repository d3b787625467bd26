What became of goods before they were loaded.

-- piece: assessment_columns
assessment_id, case_id, document_id, party_id, reference, house_document, outcome, reasons, hits, has_words, answer_by, made_by,
made_at, is_filed, supersedes

-- name: supersede
UPDATE loading_assessment AS old SET replaced_by = new.assessment_id
FROM unnest(%(supersedes)s::bigint[], %(assessment_ids)s::bigint[]) AS new (supersedes, assessment_id)
WHERE old.assessment_id = new.supersedes AND old.replaced_by IS NULL

-- name: select_standing
SELECT
    -- here: assessment_columns
FROM loading_assessment
WHERE replaced_by IS NULL AND administration_id = %(administration_id)s
  AND (party_id, reference) IN (SELECT * FROM unnest(%(party_ids)s::bigint[], %(references)s::text[]))

-- name: select_by_house
SELECT
    -- here: assessment_columns
FROM loading_assessment
WHERE replaced_by IS NULL AND administration_id = %(administration_id)s
  AND party_id = %(party_id)s AND house_document = ANY(%(house_documents)s::text[])
ORDER BY assessment_id

-- name: select_numbered
SELECT
    -- here: assessment_columns
FROM loading_assessment
WHERE administration_id = %(administration_id)s AND assessment_id = ANY(%(assessment_ids)s::bigint[])

-- name: select_first
WITH RECURSIVE chain (assessment_id, document_id, supersedes, standing) AS (
    SELECT assessment_id, document_id, supersedes, assessment_id FROM loading_assessment
    WHERE assessment_id = ANY(%(assessment_ids)s::bigint[])
    UNION ALL
    SELECT old.assessment_id, old.document_id, old.supersedes, chain.standing
    FROM loading_assessment AS old JOIN chain ON old.assessment_id = chain.supersedes
)
SELECT standing, document_id FROM chain WHERE supersedes IS NULL

-- name: select_one
SELECT
    -- here: assessment_columns
FROM loading_assessment
WHERE assessment_id = %(assessment_id)s AND administration_id = %(administration_id)s AND replaced_by IS NULL

-- name: select_of_cases
SELECT
    -- here: assessment_columns
FROM loading_assessment
WHERE administration_id = %(administration_id)s AND case_id = ANY(%(case_ids)s::bigint[])
ORDER BY assessment_id

-- name: select_open
SELECT
    -- here: assessment_columns
FROM loading_assessment
WHERE replaced_by IS NULL AND outcome > 0 AND administration_id = %(administration_id)s
  AND outcome = ANY(%(outcomes)s::smallint[]) AND assessment_id > %(after)s
  AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
ORDER BY assessment_id
LIMIT %(limit)s
