-- piece: filter
-- What a queue is filtered by. rule_bits: for each basis from the first the bit of a rule in its reasons, -1 where it has none.
WHERE administration_id = %(administration_id)s AND closed_at IS NULL
    AND (%(queue)s::smallint IS NULL OR queue = %(queue)s)
    AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
    AND (%(movement_id)s::bigint IS NULL OR movement_id = %(movement_id)s)
    AND (%(market)s::text IS NULL OR consignee_country_code = %(market)s)
    AND (%(is_of_anybody)s OR owner_id = %(owner_id)s OR (%(takes_free)s AND owner_id IS NULL))
    AND CASE
        WHEN %(rule_bits)s::integer[] IS NULL THEN true
        WHEN (%(rule_bits)s::integer[])[basis_id - %(first_basis)s + 1] BETWEEN 0 AND 8 * length(rules) - 1
        THEN get_bit(rules, (%(rule_bits)s::integer[])[basis_id - %(first_basis)s + 1]) = 1
        ELSE false
    END

-- name: select_queue
-- By one index, the soonest landing first and so many at most, which are counted; what a list shows beside is looked up for the rows of the page alone. Always
-- a row, for the counts.
WITH few AS MATERIALIZED (
    SELECT task_id, lands_at FROM task
    -- here: filter
    ORDER BY lands_at, task_id LIMIT %(look_max)s
), counted AS (
    SELECT count(*) AS all_count, count(*) FILTER (WHERE lands_at <= %(at)s AND lands_at > %(top)s) AS landed_count,
        count(*) FILTER (WHERE lands_at > %(at)s AND lands_at <= %(soon)s) AS soon_count
    FROM few
), page AS (
    SELECT task_id AS shown_id FROM few
    WHERE (lands_at, task_id) > (coalesce(%(after_at)s::timestamptz, 'infinity'), %(after_id)s::bigint)
    ORDER BY lands_at, task_id LIMIT %(count_max)s
)
SELECT all_count, landed_count, soon_count, shown.* FROM counted LEFT JOIN LATERAL (
    SELECT task.task_id, task.consignment_id, case_id, consignment.document_id, consignment.reference, house_document, mrn, item_count, detail,
        task.party_id, coalesce(party.name, ''), task.owner_id, task.value_minor, task.currency_code, task.opened_at, task.due_at,
        nullif(task.lands_at, 'infinity') AS shown_lands_at, task.movement_id, coalesce(movement.number, ''), task.kind, task.lane,
        task.basis_id, task.rules, task.consignee_country_code
    FROM page
    CROSS JOIN LATERAL (SELECT * FROM task WHERE task_id = shown_id OFFSET 0) AS task
    CROSS JOIN LATERAL (SELECT * FROM consignment WHERE consignment.consignment_id = task.consignment_id OFFSET 0) AS consignment
    LEFT JOIN party ON party.party_id = task.party_id
    LEFT JOIN LATERAL (SELECT number FROM transport_unit WHERE transport_unit_id = task.movement_id OFFSET 0) AS movement ON true
) AS shown ON true
ORDER BY shown_lands_at NULLS LAST, task_id

-- name: count_queue
SELECT count(*), count(*) FILTER (WHERE lands_at <= %(at)s AND lands_at > %(top)s), count(*) FILTER (WHERE lands_at > %(at)s AND lands_at <= %(soon)s)
FROM (
    SELECT lands_at FROM task
    -- here: filter
    ORDER BY lands_at, task_id LIMIT %(look_max)s
) AS few

-- name: count_parts
-- How much of the queue each choice of a filter has: one reading of the open tasks, grouped by each in turn.
SELECT queue, party_id, movement_id, consignee_country_code, basis_id, rules, count(*)::bigint
FROM (
    SELECT queue, party_id, movement_id, consignee_country_code, basis_id, rules FROM task
    WHERE administration_id = %(administration_id)s AND closed_at IS NULL
    ORDER BY lands_at, task_id LIMIT %(look_max)s
) AS open
GROUP BY GROUPING SETS ((queue), (party_id), (movement_id), (consignee_country_code), (basis_id, rules))

-- name: name_parties
SELECT party_id, name FROM party WHERE party_id = ANY(%(party_ids)s::bigint[]) AND administration_id = %(administration_id)s

-- name: name_movements
SELECT transport_unit_id, number, scheduled_arrival_at FROM transport_unit
WHERE transport_unit_id = ANY(%(movement_ids)s::bigint[]) AND administration_id = %(administration_id)s

-- name: select_views
SELECT name, query FROM saved_view WHERE account_id = %(account_id)s AND administration_id = %(administration_id)s ORDER BY name

-- name: save_view
INSERT INTO saved_view (account_id, administration_id, saved_at, name, query)
SELECT %(account_id)s, %(administration_id)s, %(at)s, %(name)s, %(query)s
WHERE EXISTS (SELECT FROM saved_view WHERE account_id = %(account_id)s AND name = %(name)s)
    OR (SELECT count(*) FROM saved_view WHERE account_id = %(account_id)s) < %(count_max)s
ON CONFLICT (account_id, name) DO UPDATE SET query = excluded.query, saved_at = excluded.saved_at
RETURNING name

-- name: delete_view
DELETE FROM saved_view WHERE account_id = %(account_id)s AND administration_id = %(administration_id)s AND name = %(name)s
