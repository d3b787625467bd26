-- name: add_hours
-- Sorted by key, as every lock. Only this process writes rows of its node.
INSERT INTO flow_hour AS known (administration_id, hour_at, node_id, lane, status, destination_country_code, due, tax_type_code,
    currency_code, row_count, amount_minor)
SELECT %(administration_id)s, hour_at, %(node_id)s, lane, status, destination, due, tax_type, currency, row_count, amount
FROM unnest(%(hours)s::timestamptz[], %(lanes)s::smallint[], %(statuses)s::smallint[], %(destinations)s::text[], %(dues)s::smallint[],
    %(tax_types)s::text[], %(currencies)s::text[], %(counts)s::bigint[], %(amounts)s::bigint[])
    AS added (hour_at, lane, status, destination, due, tax_type, currency, row_count, amount)
ORDER BY hour_at, lane, status, destination COLLATE "C", due, tax_type COLLATE "C", currency COLLATE "C"
ON CONFLICT (administration_id, hour_at, node_id, lane, status, destination_country_code, due, tax_type_code, currency_code)
DO UPDATE SET row_count = known.row_count + excluded.row_count, amount_minor = known.amount_minor + excluded.amount_minor

-- name: add_hours_again
-- The same, with what was reversed for consignments decided again, which leaves the hour of the old decision.
INSERT INTO flow_hour AS known (administration_id, hour_at, node_id, lane, status, destination_country_code, due, tax_type_code,
    currency_code, row_count, amount_minor)
SELECT %(administration_id)s, hour_at, %(node_id)s, lane, status, destination, due, tax_type, currency, sum(row_count), sum(amount)
FROM (
    SELECT * FROM unnest(%(hours)s::timestamptz[], %(lanes)s::smallint[], %(statuses)s::smallint[], %(destinations)s::text[],
        %(dues)s::smallint[], %(tax_types)s::text[], %(currencies)s::text[], %(counts)s::bigint[], %(amounts)s::bigint[])
        AS added (hour_at, lane, status, destination, due, tax_type, currency, row_count, amount)
    UNION ALL
    SELECT old_hour_at, -1, -1, old_destination, due, tax_type_code, currency_code, -1, amount_minor
    FROM unnest(%(old_ids)s::bigint[], %(decision_ids)s::bigint[], %(old_hours)s::timestamptz[], %(old_destinations)s::text[])
        AS replaced (consignment_id, decision_id, old_hour_at, old_destination)
    JOIN charge USING (consignment_id, decision_id)
    WHERE is_reversal AND NOT is_waived AND kind <> %(claim)s
) AS part
GROUP BY hour_at, lane, status, destination, due, tax_type, currency
ORDER BY hour_at, lane, status, destination COLLATE "C", due, tax_type COLLATE "C", currency COLLATE "C"
ON CONFLICT (administration_id, hour_at, node_id, lane, status, destination_country_code, due, tax_type_code, currency_code)
DO UPDATE SET row_count = known.row_count + excluded.row_count, amount_minor = known.amount_minor + excluded.amount_minor

-- name: add_movements
INSERT INTO flow_movement AS known (administration_id, transport_unit_id, node_id, lane, status, dispatch_country_code, currency_code,
    row_count, amount_minor)
SELECT %(administration_id)s, transport_unit_id, %(node_id)s, lane, status, dispatch, currency, row_count, amount
FROM unnest(%(numbers)s::text[], %(lanes)s::smallint[], %(statuses)s::smallint[], %(dispatches)s::text[], %(currencies)s::text[],
    %(counts)s::bigint[], %(amounts)s::bigint[]) AS added (sent_number, lane, status, dispatch, currency, row_count, amount)
JOIN transport_unit ON transport_unit.administration_id = %(administration_id)s AND kind = 1 AND number = sent_number COLLATE "C"
ORDER BY transport_unit_id, lane, status, dispatch COLLATE "C", currency COLLATE "C"
ON CONFLICT (transport_unit_id, node_id, lane, status, dispatch_country_code, currency_code)
DO UPDATE SET row_count = known.row_count + excluded.row_count, amount_minor = known.amount_minor + excluded.amount_minor

-- name: add_movements_again
INSERT INTO flow_movement AS known (administration_id, transport_unit_id, node_id, lane, status, dispatch_country_code, currency_code,
    row_count, amount_minor)
SELECT %(administration_id)s, transport_unit_id, %(node_id)s, lane, status, dispatch, currency, sum(row_count), sum(amount)
FROM (
    SELECT transport_unit_id, lane, status, dispatch, currency, row_count, amount
    FROM unnest(%(numbers)s::text[], %(lanes)s::smallint[], %(statuses)s::smallint[], %(dispatches)s::text[], %(currencies)s::text[],
        %(counts)s::bigint[], %(amounts)s::bigint[]) AS added (sent_number, lane, status, dispatch, currency, row_count, amount)
    JOIN transport_unit ON transport_unit.administration_id = %(administration_id)s AND kind = 1 AND number = sent_number COLLATE "C"
    UNION ALL
    SELECT transport_unit_id, -1, -1, '', currency_code, -1, amount_minor
    FROM unnest(%(old_ids)s::bigint[], %(decision_ids)s::bigint[], %(old_numbers)s::text[])
        AS replaced (consignment_id, decision_id, old_number)
    JOIN charge USING (consignment_id, decision_id)
    JOIN transport_unit ON transport_unit.administration_id = %(administration_id)s AND transport_unit.kind = 1
        AND number = old_number COLLATE "C"
    WHERE is_reversal AND NOT is_waived AND charge.kind <> %(claim)s AND due = 0
) AS part
GROUP BY transport_unit_id, lane, status, dispatch, currency
ORDER BY transport_unit_id, lane, status, dispatch COLLATE "C", currency COLLATE "C"
ON CONFLICT (transport_unit_id, node_id, lane, status, dispatch_country_code, currency_code)
DO UPDATE SET row_count = known.row_count + excluded.row_count, amount_minor = known.amount_minor + excluded.amount_minor

-- name: select_movement_numbers
-- The movement at the root of each unit's tree, which is four levels deep at most.
WITH RECURSIVE above AS (
    SELECT transport_unit_id AS below_id, transport_unit_id, parent_id, kind, number
    FROM transport_unit WHERE transport_unit_id = ANY(%(unit_ids)s::bigint[]) AND administration_id = %(administration_id)s
    UNION ALL
    SELECT below_id, parent.transport_unit_id, parent.parent_id, parent.kind, parent.number
    FROM above JOIN transport_unit AS parent ON parent.transport_unit_id = above.parent_id
)
SELECT below_id, number FROM above WHERE kind = 1
