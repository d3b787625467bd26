-- name: select_decisions
SELECT decision_id, case_id, consignment_id, document_id, kind, basis_id, lane, status, reasons, is_provisional, supersedes,
    decided_at, arrived_at, accepted_at, detail, salt
FROM decision WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s
ORDER BY decision_id
