-- name: lock_unit_by_id
SELECT kind, number FROM transport_unit
WHERE transport_unit_id = %(unit_id)s AND administration_id = %(administration_id)s FOR UPDATE

-- name: select_is_unit
SELECT EXISTS (
    SELECT FROM transport_unit WHERE transport_unit_id = %(unit_id)s AND administration_id = %(administration_id)s
)

-- piece: tree
-- A unit and everything in it.
SELECT transport_unit_id FROM transport_unit WHERE transport_unit_id = %(unit_id)s
UNION SELECT child.transport_unit_id FROM transport_unit AS child JOIN tree ON child.parent_id = tree.transport_unit_id

-- name: insert_unit_order
-- Units that declarations may name learn that there is something to ask for: whoever declares goods in one holds its row until its commit.
WITH RECURSIVE tree AS (
    -- here: tree
), locked AS (
    SELECT transport_unit.transport_unit_id FROM transport_unit JOIN tree USING (transport_unit_id)
    WHERE NOT has_orders ORDER BY kind, number FOR UPDATE OF transport_unit
), noted AS (
    UPDATE transport_unit SET has_orders = true FROM locked WHERE transport_unit.transport_unit_id = locked.transport_unit_id
)
INSERT INTO unit_order (order_id, administration_id, transport_unit_id, party_id, ordered_at, is_reaching, acting_user, kind, reason_code, law_reference, number)
VALUES (%(order_id)s, %(administration_id)s, %(unit_id)s, %(party_id)s, %(at)s, true, %(acting_user)s, %(kind)s, %(reason_code)s,
    %(law_reference)s, %(number)s)

-- name: end_unit_orders
UPDATE unit_order SET ended_by = %(act_id)s, ended_at = %(at)s, is_reaching = true, end_acting_user = %(acting_user)s,
    end_reason_code = %(reason_code)s
WHERE transport_unit_id = %(unit_id)s AND ended_by IS NULL AND administration_id = %(administration_id)s
RETURNING order_id

-- piece: order_columns
order_id, unit_order.transport_unit_id, party_id, acting_user, kind, reason_code, law_reference, number, ended_by, end_acting_user, end_reason_code

-- name: select_unit_orders
-- What stands on units, or on what these lie in, oldest first.
WITH RECURSIVE above AS (
    SELECT transport_unit_id AS unit_id, transport_unit_id, parent_id FROM transport_unit WHERE transport_unit_id = ANY(%(unit_ids)s::bigint[])
    UNION SELECT above.unit_id, parent.transport_unit_id, parent.parent_id
    FROM above JOIN transport_unit AS parent ON parent.transport_unit_id = above.parent_id
)
SELECT unit_id,
    -- here: order_columns
FROM above JOIN unit_order ON unit_order.transport_unit_id = above.transport_unit_id
WHERE ended_by IS NULL AND administration_id = %(administration_id)s ORDER BY order_id

-- name: select_unit_orders_to_reach
SELECT
    -- here: order_columns
FROM unit_order WHERE (ended_by IS NULL OR is_reaching) AND administration_id = %(administration_id)s ORDER BY order_id

-- name: select_unit_order
SELECT
    -- here: order_columns
FROM unit_order WHERE order_id = %(order_id)s AND administration_id = %(administration_id)s

-- name: select_to_reach
-- What lies in a unit and is not reached; released (7) and invalidated (8) stay as they are.
WITH RECURSIVE tree AS (
    -- here: tree
)
SELECT consignment_id, case_id FROM tree
CROSS JOIN LATERAL (
    SELECT consignment_id, case_id, status FROM declared_consignment AS declared
    WHERE declared.transport_unit_id = tree.transport_unit_id AND administration_id = %(administration_id)s OFFSET 0
) AS declared
WHERE status NOT IN (7, 8) AND NOT EXISTS (
    SELECT FROM unit_order_reach AS reached WHERE reached.order_id = %(order_id)s AND reached.consignment_id = declared.consignment_id
)
ORDER BY consignment_id LIMIT %(limit)s

-- name: select_first_in
WITH RECURSIVE tree AS (
    -- here: tree
)
SELECT consignment_id FROM tree
CROSS JOIN LATERAL (
    SELECT consignment_id FROM declared_consignment AS declared
    WHERE declared.transport_unit_id = tree.transport_unit_id AND administration_id = %(administration_id)s LIMIT 1
) AS declared
LIMIT 1

-- name: insert_reached
INSERT INTO unit_order_reach (order_id, consignment_id, act_id, administration_id)
SELECT %(order_id)s, consignment_id, act_id, %(administration_id)s
FROM unnest(%(consignment_ids)s::bigint[], %(act_ids)s::bigint[]) AS reached (consignment_id, act_id)
ON CONFLICT DO NOTHING
RETURNING consignment_id

-- name: select_to_end
-- What an order that was ended still keeps.
SELECT consignment_id, case_id, act_id FROM unit_order_reach AS reached
CROSS JOIN LATERAL (
    SELECT case_id FROM declared_consignment WHERE consignment_id = reached.consignment_id OFFSET 0
) AS declared
WHERE order_id = %(order_id)s AND ended_by IS NULL AND administration_id = %(administration_id)s
ORDER BY consignment_id LIMIT %(limit)s

-- name: end_reached
UPDATE unit_order_reach SET ended_by = ended.act_id
FROM unnest(%(consignment_ids)s::bigint[], %(act_ids)s::bigint[]) AS ended (consignment_id, act_id)
WHERE order_id = %(order_id)s AND unit_order_reach.consignment_id = ended.consignment_id AND administration_id = %(administration_id)s

-- name: end_unit_reaching
UPDATE unit_order SET is_reaching = false WHERE order_id = %(order_id)s AND administration_id = %(administration_id)s

-- name: select_held_by_units
-- Whether an order on a unit stands on a consignment: the number of that unit.
SELECT number FROM unit_order_reach AS reached JOIN unit_order USING (order_id)
WHERE consignment_id = %(consignment_id)s AND reached.ended_by IS NULL AND unit_order.ended_by IS NULL
    AND reached.administration_id = %(administration_id)s
ORDER BY order_id DESC LIMIT 1

-- name: count_reached
SELECT count(*), count(*) FILTER (WHERE ended_by IS NULL) FROM unit_order_reach
WHERE order_id = %(order_id)s AND administration_id = %(administration_id)s
