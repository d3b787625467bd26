-- name: open_tasks
-- What is open already keeps its id, its owner and since when it is open. The caller holds the cases' locks. What a movement's schedule
-- says counts before what the declaration expects.
INSERT INTO task AS known (task_id, administration_id, consignment_id, party_id, transport_unit_id, movement_id, value_minor, opened_at,
    lands_at, document_id, score_ppm, basis_id, kind, lane, currency_code, consignee_country_code, rules)
SELECT task_id, %(administration_id)s, consignment_id, party_id, transport_unit_id, movement_id, value_minor, %(at)s,
    coalesce((SELECT scheduled_arrival_at FROM transport_unit WHERE transport_unit_id = opened.movement_id), expected_at, 'infinity'),
    document_id, score_ppm, basis_id, kind, lane, currency_code, consignee_country_code, rules
FROM unnest(%(task_id)s::bigint[], %(consignment_id)s::bigint[], %(party_id)s::bigint[], %(transport_unit_id)s::bigint[],
    %(movement_id)s::bigint[], %(expected_at)s::timestamptz[], %(value_minor)s::bigint[], %(document_id)s::bigint[],
    %(score_ppm)s::integer[], %(basis_id)s::integer[], %(kind)s::smallint[], %(lane)s::smallint[], %(currency_code)s::text[],
    %(consignee_country_code)s::text[], %(rules)s::bytea[])
    AS opened (task_id, consignment_id, party_id, transport_unit_id, movement_id, expected_at, value_minor, document_id, score_ppm, basis_id,
    kind, lane, currency_code, consignee_country_code, rules)
ORDER BY consignment_id
ON CONFLICT (consignment_id, document_id) WHERE closed_at IS NULL
DO UPDATE SET transport_unit_id = excluded.transport_unit_id, movement_id = excluded.movement_id, lands_at = excluded.lands_at,
    value_minor = excluded.value_minor, basis_id = excluded.basis_id, kind = excluded.kind, lane = excluded.lane,
    currency_code = excluded.currency_code, consignee_country_code = excluded.consignee_country_code, rules = excluded.rules

-- name: open_possible_matches
-- On the first consignment of each case that is neither released nor invalidated. What was closed before stays so: a pair is asked about
-- once. The case by its index for each, whatever the statistics say.
INSERT INTO task (task_id, administration_id, consignment_id, party_id, transport_unit_id, movement_id, lands_at, consignee_country_code,
    opened_at, kind, rules, document_id, score_ppm)
SELECT task_id, %(administration_id)s, consignment_id, party_id, transport_unit_id, movement_id,
    coalesce((SELECT scheduled_arrival_at FROM transport_unit WHERE transport_unit_id = declared.movement_id), expected_arrival_at, 'infinity'),
    consignee_country_code, %(at)s, %(kind)s, '', offered.document_id, score_ppm
FROM unnest(%(task_ids)s::bigint[], %(case_ids)s::bigint[], %(document_ids)s::bigint[], %(scores_ppm)s::integer[])
    AS offered (task_id, case_id, document_id, score_ppm)
CROSS JOIN LATERAL (
    SELECT consignment_id, party_id, transport_unit_id, movement_id, expected_arrival_at, consignee_country_code FROM (
        SELECT * FROM case_consignment WHERE of_case_id = offered.case_id OFFSET 0
    ) AS declared
    WHERE administration_id = %(administration_id)s AND status <> ALL(%(final_statuses)s::smallint[]) ORDER BY consignment_id LIMIT 1
) AS declared
WHERE NOT EXISTS (
    SELECT FROM task AS known
    WHERE known.document_id = offered.document_id AND known.consignment_id = declared.consignment_id AND closed_at IS NOT NULL
)
ON CONFLICT (consignment_id, document_id) WHERE closed_at IS NULL DO NOTHING

-- name: open_case_tasks
-- On the first consignment of each case, whatever its status. What was closed before stays so.
INSERT INTO task (task_id, administration_id, consignment_id, party_id, transport_unit_id, movement_id, lands_at, consignee_country_code,
    opened_at, kind, rules, document_id)
SELECT task_id, %(administration_id)s, consignment_id, party_id, transport_unit_id, movement_id,
    coalesce((SELECT scheduled_arrival_at FROM transport_unit WHERE transport_unit_id = declared.movement_id), expected_arrival_at, 'infinity'),
    consignee_country_code, %(at)s, %(kind)s, '', asked.about_id
FROM unnest(%(task_ids)s::bigint[], %(case_ids)s::bigint[], %(about_ids)s::bigint[]) AS asked (task_id, case_id, about_id)
CROSS JOIN LATERAL (
    SELECT consignment_id, party_id, transport_unit_id, movement_id, expected_arrival_at, consignee_country_code FROM (
        SELECT * FROM case_consignment WHERE of_case_id = asked.case_id OFFSET 0
    ) AS declared
    WHERE administration_id = %(administration_id)s ORDER BY consignment_id LIMIT 1
) AS declared
WHERE NOT EXISTS (
    SELECT FROM task AS known
    WHERE known.consignment_id = declared.consignment_id AND known.kind = %(kind)s AND closed_at IS NULL
) AND NOT EXISTS (
    SELECT FROM task AS known WHERE known.document_id = asked.about_id AND known.consignment_id = declared.consignment_id
)
ON CONFLICT (consignment_id, document_id) WHERE closed_at IS NULL DO NOTHING

-- name: open_act_task
-- What was opened or closed about this act stays so.
INSERT INTO task (task_id, administration_id, consignment_id, party_id, transport_unit_id, movement_id, lands_at, consignee_country_code,
    opened_at, due_at, kind, rules, document_id)
SELECT %(task_id)s, administration_id, consignment_id, party_id, transport_unit_id, movement_id,
    coalesce((SELECT scheduled_arrival_at FROM transport_unit WHERE transport_unit_id = consignment.movement_id), expected_arrival_at, 'infinity'),
    consignee_country_code, %(at)s, %(due_at)s, %(kind)s, '', %(act_id)s
FROM consignment
WHERE consignment_id = %(consignment_id)s AND administration_id = %(administration_id)s AND NOT EXISTS (
    SELECT FROM task AS known WHERE known.document_id = %(act_id)s AND known.consignment_id = %(consignment_id)s AND known.kind = %(kind)s
)

-- name: set_due
-- One that was on top because its period had ended goes back to where its landing puts it.
UPDATE task SET due_at = %(due_at)s,
    lands_at = CASE WHEN lands_at > %(top)s THEN lands_at ELSE coalesce((SELECT scheduled_arrival_at FROM transport_unit
        WHERE transport_unit_id = task.movement_id), 'infinity') END
WHERE document_id = %(act_id)s AND closed_at IS NULL AND administration_id = %(administration_id)s

-- name: put_ended_on_top
-- Some at a time, by the index task_by_due; whose it is stays as it is. %(top)s lies before every landing.
UPDATE task SET lands_at = %(top)s
FROM (
    SELECT task_id FROM task
    WHERE administration_id = %(administration_id)s AND closed_at IS NULL AND due_at IS NOT NULL AND due_at <= %(at)s AND lands_at > %(top)s
    ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) AS ended
WHERE task.task_id = ended.task_id
RETURNING task.task_id

-- name: count_open
SELECT count(*) FROM task WHERE administration_id = %(administration_id)s AND queue = %(queue)s AND closed_at IS NULL

-- name: select_open
SELECT kind, opened_at, due_at, owner_id FROM task
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND closed_at IS NULL AND administration_id = %(administration_id)s
ORDER BY due_at NULLS LAST, task_id

-- name: select_consignments_of
-- In the order of the queue.
SELECT task_id, consignment_id FROM task
WHERE task_id = ANY(%(task_ids)s::bigint[]) AND closed_at IS NULL AND administration_id = %(administration_id)s
ORDER BY lands_at, task_id

-- name: close_kind
UPDATE task SET closed_at = %(at)s
FROM case_consignment AS consignment
WHERE of_case_id = %(case_id)s AND task.consignment_id = consignment.consignment_id AND task.kind = %(kind)s AND closed_at IS NULL
    AND task.administration_id = %(administration_id)s
RETURNING task_id

-- name: close_task_about
UPDATE task SET closed_at = %(at)s
WHERE document_id = %(document_id)s AND consignment_id = ANY(%(consignment_ids)s::bigint[]) AND closed_at IS NULL
    AND administration_id = %(administration_id)s
RETURNING task_id

-- name: close_tasks_of
-- All of a kind that are open about a recall.
UPDATE task SET closed_at = %(at)s
WHERE document_id = %(document_id)s AND kind = %(kind)s AND closed_at IS NULL AND administration_id = %(administration_id)s

-- name: close_notice_task
UPDATE task SET closed_at = %(at)s
WHERE document_id = %(act_id)s AND kind = %(kind)s AND closed_at IS NULL AND administration_id = %(administration_id)s

-- name: close_possible_matches
UPDATE task SET closed_at = %(at)s
WHERE document_id = ANY(%(document_ids)s::bigint[]) AND closed_at IS NULL AND administration_id = %(administration_id)s

-- name: close_tasks
-- Of consignments that are final all; of others their own: what may belong to them may do so still.
UPDATE task SET closed_at = %(at)s
FROM unnest(%(consignment_ids)s::bigint[], %(are_final)s::smallint[]) AS closed (consignment_id, is_final)
WHERE task.consignment_id = closed.consignment_id AND closed_at IS NULL AND administration_id = %(administration_id)s
    AND (is_final <> 0 OR document_id IS NULL)

-- name: place_tasks
-- After the movement that they come on is known of their consignments.
UPDATE task SET transport_unit_id = placed.unit_id, movement_id = declared.movement_id,
    lands_at = coalesce(movement.scheduled_arrival_at, task.lands_at)
FROM unnest(%(consignment_ids)s::bigint[], %(unit_ids)s::bigint[]) AS placed (placed_id, unit_id)
JOIN declared_consignment AS declared ON declared.consignment_id = placed_id
LEFT JOIN transport_unit AS movement ON movement.transport_unit_id = declared.movement_id
WHERE task.consignment_id = placed_id AND closed_at IS NULL AND task.administration_id = %(administration_id)s

-- name: put_in_hands
UPDATE task SET owner_id = %(account_id)s
WHERE consignment_id = %(consignment_id)s AND closed_at IS NULL AND administration_id = %(administration_id)s

-- name: count_in_hands
-- By the index task_by_owner.
SELECT owner_id, count(*), count(*) FILTER (WHERE lands_at <= %(soon)s), count(*) FILTER (WHERE due_at <= %(at)s),
    nullif(min(lands_at) FILTER (WHERE lands_at > %(at)s), 'infinity')
FROM task WHERE administration_id = %(administration_id)s AND closed_at IS NULL AND owner_id IS NOT NULL
GROUP BY owner_id
