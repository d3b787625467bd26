-- name: select_standing
-- The consignments of cases with the detail of their newest decisions.
WITH family AS (
    SELECT case_id AS root, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (case_id)
    UNION SELECT merged_into, case_id FROM case_file WHERE merged_into = ANY(%(case_ids)s::bigint[])
)
SELECT root, consignment_id, detail FROM family JOIN consignment USING (case_id)
WHERE administration_id = %(administration_id)s
