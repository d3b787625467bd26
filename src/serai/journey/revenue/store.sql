-- name: select_standing
-- The consignments of cases with their newest decisions, in the order in which they were declared.
WITH family AS (
    SELECT case_id AS root, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (case_id)
    UNION SELECT merged_into, case_id FROM case_file WHERE merged_into = ANY(%(case_ids)s::bigint[])
)
SELECT root, consignment_id, basis_id, detail, party_id, status FROM family
CROSS JOIN LATERAL (SELECT * FROM case_consignment WHERE of_case_id = family.case_id OFFSET 0) AS consignment
WHERE administration_id = %(administration_id)s
ORDER BY root, consignment_id
