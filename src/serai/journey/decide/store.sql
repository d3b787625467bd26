-- name: select_decisions
SELECT decision_id, case_id, consignment_id, document_id, kind, basis_id, lane, status, reason_bits, is_provisional, supersedes,
    decided_at, context, salt
FROM decision WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s
ORDER BY decision_id

-- name: select_findings
SELECT decision_id, sequence_number, code, pointer, severity, parameters FROM finding
WHERE decision_id = ANY(%(decision_ids)s::bigint[]) AND administration_id = %(administration_id)s
ORDER BY decision_id, sequence_number, code

-- name: select_findings_of_codes
SELECT decision_id, code, parameters FROM finding WHERE decision_id = ANY(%(decision_ids)s::bigint[]) AND code = ANY(%(codes)s::text[])
