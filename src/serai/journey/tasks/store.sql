-- name: open_tasks
-- What is open already keeps its id, its owner and since when it is open. The caller holds the cases' locks.
INSERT INTO task AS known (task_id, administration_id, consignment_id, party_id, transport_unit_id, value_minor, opened_at, basis_id, kind,
    lane, currency_code, rules)
SELECT task_id, %(administration_id)s, consignment_id, party_id, transport_unit_id, value_minor, %(at)s, basis_id, kind, lane,
    currency_code, rules
FROM unnest(%(task_id)s::bigint[], %(consignment_id)s::bigint[], %(party_id)s::bigint[], %(transport_unit_id)s::bigint[],
    %(value_minor)s::bigint[], %(basis_id)s::integer[], %(kind)s::smallint[], %(lane)s::smallint[], %(currency_code)s::text[],
    %(rules)s::bytea[])
    AS opened (task_id, consignment_id, party_id, transport_unit_id, value_minor, basis_id, kind, lane, currency_code, rules)
ORDER BY consignment_id
ON CONFLICT (consignment_id) WHERE closed_at IS NULL
DO UPDATE SET transport_unit_id = excluded.transport_unit_id, value_minor = excluded.value_minor, basis_id = excluded.basis_id,
    kind = excluded.kind, lane = excluded.lane, currency_code = excluded.currency_code, rules = excluded.rules

-- name: close_tasks
UPDATE task SET closed_at = %(at)s
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND closed_at IS NULL AND administration_id = %(administration_id)s

-- name: place_tasks
UPDATE task SET transport_unit_id = placed.transport_unit_id
FROM unnest(%(consignment_ids)s::bigint[], %(unit_ids)s::bigint[]) AS placed (consignment_id, transport_unit_id)
WHERE task.consignment_id = placed.consignment_id AND closed_at IS NULL AND administration_id = %(administration_id)s
