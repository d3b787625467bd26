-- name: add_hours
-- Sorted by key, as every lock. Only this process writes rows of its node.
INSERT INTO statistics_hour AS known (administration_id, hour_at, node_id, lane, status, destination_country_code, due, tax_type_code,
    currency_code, row_count, amount_minor)
SELECT %(administration_id)s, hour_at, %(node_id)s, lane, status, destination, due, tax_type, currency, row_count, amount
FROM unnest(%(hours)s::timestamptz[], %(lanes)s::smallint[], %(statuses)s::smallint[], %(destinations)s::text[], %(dues)s::smallint[],
    %(tax_types)s::text[], %(currencies)s::text[], %(counts)s::bigint[], %(amounts)s::bigint[])
    AS added (hour_at, lane, status, destination, due, tax_type, currency, row_count, amount)
ORDER BY hour_at, lane, status, destination COLLATE "C", due, tax_type COLLATE "C", currency COLLATE "C"
ON CONFLICT (administration_id, hour_at, node_id, lane, status, destination_country_code, due, tax_type_code, currency_code)
DO UPDATE SET row_count = known.row_count + excluded.row_count, amount_minor = known.amount_minor + excluded.amount_minor

-- name: select_movements
SELECT number, transport_unit_id FROM transport_unit
WHERE administration_id = %(administration_id)s AND kind = 1 AND number = ANY(%(numbers)s::text[])

-- name: amend_listed
-- What lists show of a declaration, as its amendment has it. What an amendment does not say, of flights and places, stays.
UPDATE declared_consignment AS consignment SET consignee_country_code = amended.destination, logistics_channel_code = amended.channel,
    transport_mode_code = amended.mode, house_document = amended.house_document, transport_unit_id = coalesce(amended.unit_id, transport_unit_id),
    expected_arrival_at = coalesce(amended.expected_at, expected_arrival_at)
FROM unnest(%(consignment_ids)s::bigint[], %(destinations)s::text[], %(channels)s::text[], %(modes)s::text[],
    %(house_documents)s::text[], %(unit_ids)s::bigint[], %(expected)s::timestamptz[])
    AS amended (consignment_id, destination, channel, mode, house_document, unit_id, expected_at)
WHERE consignment.consignment_id = amended.consignment_id

-- name: move_consignments
-- Amended to another movement: it is counted there now, and no more where it was.
UPDATE declared_consignment AS consignment SET movement_id = moved.movement_id
FROM unnest(%(consignment_ids)s::bigint[], %(movement_ids)s::bigint[]) AS moved (consignment_id, movement_id)
WHERE consignment.consignment_id = moved.consignment_id

-- name: add_movements
INSERT INTO statistics_movement AS known (administration_id, transport_unit_id, node_id, lane, status, dispatch_country_code, currency_code,
    row_count, amount_minor)
SELECT %(administration_id)s, movement_id, %(node_id)s, lane, status, dispatch, currency, row_count, amount
FROM unnest(%(movements)s::bigint[], %(lanes)s::smallint[], %(statuses)s::smallint[], %(dispatches)s::text[], %(currencies)s::text[],
    %(counts)s::bigint[], %(amounts)s::bigint[]) AS added (movement_id, lane, status, dispatch, currency, row_count, amount)
ORDER BY movement_id, lane, status, dispatch COLLATE "C", currency COLLATE "C"
ON CONFLICT (transport_unit_id, node_id, lane, status, dispatch_country_code, currency_code)
DO UPDATE SET row_count = known.row_count + excluded.row_count, amount_minor = known.amount_minor + excluded.amount_minor

-- name: place_on_movements
-- A transport document has told on which movement these are. Each is counted once: movement_id says that it is.
WITH RECURSIVE above AS (
    SELECT transport_unit_id AS unit_id, transport_unit_id, parent_id, kind
    FROM transport_unit WHERE transport_unit_id = ANY(%(unit_ids)s::bigint[])
    UNION ALL
    SELECT unit_id, parent.transport_unit_id, parent.parent_id, parent.kind
    FROM above JOIN transport_unit AS parent ON parent.transport_unit_id = above.parent_id
)
UPDATE declared_consignment AS consignment SET movement_id = above.transport_unit_id FROM above
WHERE consignment.transport_unit_id = above.unit_id AND above.kind = 1 AND movement_id IS NULL
    AND administration_id = %(administration_id)s
RETURNING consignment.movement_id, shown_lane, coalesce(
    (SELECT landing.status FROM landing WHERE landing.consignment_id = consignment.consignment_id), consignment.status), detail

-- name: select_flights
-- Movements that land in a window and have not been reported as landed.
SELECT transport_unit_id, number, scheduled_departure_at, scheduled_arrival_at
FROM transport_unit
WHERE administration_id = %(administration_id)s AND kind = 1 AND arrived_at IS NULL AND landed_at IS NULL
    AND scheduled_arrival_at >= %(landing_from)s AND scheduled_arrival_at < %(landing_to)s
ORDER BY scheduled_arrival_at, transport_unit_id LIMIT %(count_max)s

-- name: select_movement_sums
SELECT transport_unit_id, lane, status, dispatch_country_code, currency_code, sum(row_count)::bigint, sum(amount_minor)::bigint
FROM statistics_movement
WHERE transport_unit_id = ANY(%(unit_ids)s::bigint[]) AND administration_id = %(administration_id)s
GROUP BY transport_unit_id, lane, status, dispatch_country_code, currency_code
HAVING sum(row_count) <> 0 OR sum(amount_minor) <> 0

-- name: select_party_movement_sums
-- What one party filed itself: counted from its parcels on these movements, since the sums are everybody's.
WITH RECURSIVE below AS (
    SELECT movement_id, movement_id AS transport_unit_id FROM unnest(%(unit_ids)s::bigint[]) AS movement (movement_id)
    UNION ALL
    SELECT movement_id, child.transport_unit_id FROM below CROSS JOIN LATERAL (
        SELECT transport_unit_id FROM transport_unit WHERE parent_id = below.transport_unit_id OFFSET 0) AS child
)
SELECT below.movement_id, lane, status, '', '', count(*), 0::bigint
FROM below CROSS JOIN LATERAL (
    SELECT shown_lane AS lane, status, party_id, administration_id FROM consignment
    WHERE transport_unit_id = below.transport_unit_id OFFSET 0
) AS there
WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s
GROUP BY below.movement_id, lane, status

-- name: select_held
-- Those that need a person, newest first and so many a lane at most, each with the units above it: one of these may be a movement. Looked up row by row
-- (OFFSET 0 keeps the planner from reading all units).
SELECT case_id, reference, lane, held.transport_unit_id, parent.id, grand.id, great.id
FROM unnest('{4,3,2}'::smallint[]) AS strict (strict_lane)
CROSS JOIN LATERAL (
    SELECT consignment_id, lane, transport_unit_id FROM task
    WHERE administration_id = %(administration_id)s AND queue = strict_lane AND closed_at IS NULL AND consignment_id >= %(first_id)s
        AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
    ORDER BY consignment_id DESC LIMIT %(look_max)s
) AS held
CROSS JOIN LATERAL (SELECT case_id, reference FROM consignment WHERE consignment_id = held.consignment_id OFFSET 0) AS consignment
LEFT JOIN LATERAL (
    SELECT parent_id AS id FROM transport_unit AS one WHERE one.transport_unit_id = held.transport_unit_id OFFSET 0
) AS parent ON true
LEFT JOIN LATERAL (
    SELECT parent_id AS id FROM transport_unit AS one WHERE one.transport_unit_id = parent.id OFFSET 0
) AS grand ON true
LEFT JOIN LATERAL (
    SELECT parent_id AS id FROM transport_unit AS one WHERE one.transport_unit_id = grand.id OFFSET 0
) AS great ON true
WHERE held.transport_unit_id IS NOT NULL

-- name: select_named
-- The parcels of the demo that are worth a look have an index of their own.
SELECT reference, case_id, shown_lane, status FROM consignment
WHERE reference >= 'NAMED-' AND reference < 'NAMED.' AND administration_id = %(administration_id)s
ORDER BY reference LIMIT %(count_max)s

-- name: select_lanes
SELECT lane, status, sum(row_count)::bigint FROM statistics_hour
WHERE administration_id = %(administration_id)s AND hour_at >= %(from_hour)s AND tax_type_code = ''
GROUP BY lane, status HAVING sum(row_count) <> 0 ORDER BY lane, status

-- name: select_hours
SELECT hour_at, sum(row_count)::bigint, sum(row_count) FILTER (WHERE lane BETWEEN 2 AND 4)::bigint FROM statistics_hour
WHERE administration_id = %(administration_id)s AND hour_at >= %(from_hour)s AND tax_type_code = ''
GROUP BY hour_at HAVING sum(row_count) <> 0 ORDER BY hour_at

-- name: select_destinations
SELECT destination_country_code, sum(row_count)::bigint FROM statistics_hour
WHERE administration_id = %(administration_id)s AND hour_at >= %(from_hour)s AND tax_type_code = ''
GROUP BY destination_country_code HAVING sum(row_count) <> 0
ORDER BY sum(row_count) DESC, destination_country_code

-- name: select_taxes
SELECT tax_type_code, currency_code, due, sum(row_count)::bigint, sum(amount_minor)::bigint FROM statistics_hour
WHERE administration_id = %(administration_id)s AND hour_at >= %(from_hour)s AND tax_type_code <> ''
GROUP BY tax_type_code, currency_code, due HAVING sum(row_count) <> 0 OR sum(amount_minor) <> 0
ORDER BY currency_code, tax_type_code, due

-- name: select_latest
SELECT case_id, consignment.reference, newest.lane, newest.reasons, newest.status, consignee_country_code, decided_at
FROM (
    SELECT consignment_id, lane, reasons, status, decided_at, decision_id FROM decision
    WHERE administration_id = %(administration_id)s ORDER BY decision_id DESC LIMIT %(count_max)s
) AS newest
JOIN consignment USING (consignment_id)
ORDER BY newest.decision_id DESC

-- name: select_batches
-- The log's newest batches: how fast the last filing went, whichever processes took it.
SELECT leaf_count, promised_at FROM log_batch
WHERE administration_id = %(administration_id)s ORDER BY batch_id DESC LIMIT %(count_max)s

-- name: select_parcels
-- The newest first, looking at no more than so many rows: whatever is asked for, a page costs the same with two million parcels.
SELECT case_id, reference, house_document, mrn, consignee_country_code, lane, status, changed_at, consignment_id, looked.last_id
FROM (
    SELECT *, CASE WHEN count(*) OVER () = %(look_max)s THEN min(consignment_id) OVER () ELSE 0 END AS last_id FROM (
        SELECT consignment_id, case_id, party_id, reference, house_document, mrn, consignee_country_code, shown_lane AS lane, status, changed_at
        FROM consignment
        WHERE administration_id = %(administration_id)s AND consignment_id < %(before_id)s
        ORDER BY consignment_id DESC LIMIT %(look_max)s
    ) AS newest
) AS looked
WHERE (%(lane)s::smallint IS NULL OR lane = %(lane)s) AND (%(status)s::smallint IS NULL OR status = %(status)s)
    AND (%(destination)s::text IS NULL OR consignee_country_code = %(destination)s)
    AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
ORDER BY consignment_id DESC LIMIT %(count_max)s

-- name: select_parcels_in_queue
-- Those that need a person have a task, which also says in which lane; what lists show is looked up for each. A parcel to which several
-- documents may belong is shown once.
SELECT case_id, reference, house_document, mrn, consignee_country_code, coalesce(looked.lane, shown_lane), status, changed_at,
    looked.consignment_id, looked.last_id
FROM (
    SELECT *, CASE WHEN count(*) OVER () = %(look_max)s THEN min(consignment_id) OVER () ELSE 0 END AS last_id FROM (
        SELECT DISTINCT ON (consignment_id) consignment_id, party_id, lane FROM task
        WHERE administration_id = %(administration_id)s AND queue = %(queue)s AND closed_at IS NULL AND consignment_id < %(before_id)s
        ORDER BY consignment_id DESC LIMIT %(look_max)s
    ) AS newest
) AS looked
CROSS JOIN LATERAL (SELECT * FROM consignment WHERE consignment_id = looked.consignment_id OFFSET 0) AS consignment
WHERE (%(lane)s::smallint IS NULL OR coalesce(looked.lane, shown_lane) = %(lane)s) AND (%(status)s::smallint IS NULL OR status = %(status)s)
    AND (%(destination)s::text IS NULL OR consignee_country_code = %(destination)s)
    AND (%(party_id)s::bigint IS NULL OR looked.party_id = %(party_id)s)
ORDER BY looked.consignment_id DESC LIMIT %(count_max)s

-- name: select_parcels_waiting
-- Those that wait for a document or for a law have an index of their own.
SELECT case_id, reference, house_document, mrn, consignee_country_code, lane, status, changed_at, consignment_id, looked.last_id
FROM (
    SELECT *, CASE WHEN count(*) OVER () = %(look_max)s THEN min(consignment_id) OVER () ELSE 0 END AS last_id FROM (
        SELECT consignment_id, case_id, party_id, reference, house_document, mrn, consignee_country_code, shown_lane AS lane, status, changed_at
        FROM consignment
        WHERE administration_id = %(administration_id)s AND shown_lane = %(lane)s AND shown_lane IN (1, 5) AND consignment_id < %(before_id)s
        ORDER BY consignment_id DESC LIMIT %(look_max)s
    ) AS newest
) AS looked
WHERE (%(status)s::smallint IS NULL OR status = %(status)s)
    AND (%(destination)s::text IS NULL OR consignee_country_code = %(destination)s)
    AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
ORDER BY consignment_id DESC LIMIT %(count_max)s

-- name: select_asked_of_party
-- Questions and hearings whose tasks are open, what is due first; no more than so many tasks are looked at.
SELECT case_id, reference, kind, due_at
FROM (
    SELECT consignment_id, party_id, kind, due_at FROM task
    WHERE administration_id = %(administration_id)s AND queue = ANY(%(queues)s::smallint[]) AND closed_at IS NULL
    ORDER BY consignment_id DESC LIMIT %(look_max)s
) AS looked
CROSS JOIN LATERAL (SELECT case_id, reference FROM consignment WHERE consignment_id = looked.consignment_id OFFSET 0) AS consignment
WHERE looked.party_id = %(party_id)s
ORDER BY due_at NULLS LAST, consignment_id LIMIT %(count_max)s

-- name: select_waiting_of_party
-- Among a party's newest parcels those in some statuses, by the index of its parcels.
SELECT own.consignment_id, case_id, reference, status
FROM (
    SELECT consignment_id FROM declared_consignment
    WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s
    ORDER BY consignment_id DESC LIMIT %(look_max)s
) AS own
CROSS JOIN LATERAL (SELECT case_id, reference, status FROM consignment WHERE consignment_id = own.consignment_id OFFSET 0) AS consignment
WHERE status = ANY(%(statuses)s::smallint[])
ORDER BY own.consignment_id DESC LIMIT %(count_max)s

-- name: looked_to
-- How far a page without a single hit has looked; 0: there is nothing before.
SELECT CASE WHEN count(*) = %(look_max)s THEN min(consignment_id) ELSE 0 END FROM (
    SELECT consignment_id FROM consignment
    WHERE administration_id = %(administration_id)s AND consignment_id < %(before_id)s
    ORDER BY consignment_id DESC LIMIT %(look_max)s
) AS newest

-- name: looked_to_in_queue
SELECT CASE WHEN count(*) = %(look_max)s THEN min(consignment_id) ELSE 0 END FROM (
    SELECT DISTINCT consignment_id FROM task
    WHERE administration_id = %(administration_id)s AND queue = %(queue)s AND closed_at IS NULL AND consignment_id < %(before_id)s
    ORDER BY consignment_id DESC LIMIT %(look_max)s
) AS newest

-- name: looked_to_waiting
SELECT CASE WHEN count(*) = %(look_max)s THEN min(consignment_id) ELSE 0 END FROM (
    SELECT consignment_id FROM consignment
    WHERE administration_id = %(administration_id)s AND shown_lane = %(lane)s AND shown_lane IN (1, 5) AND consignment_id < %(before_id)s
    ORDER BY consignment_id DESC LIMIT %(look_max)s
) AS newest

-- name: select_parcels_below
-- All that hangs on a transport unit and on what is below it, looked up unit by unit. What else is asked for is tested afterwards:
-- OFFSET 0 keeps the planner, who may know nothing yet of new tables, from another index.
WITH RECURSIVE below AS (
    SELECT %(unit_id)s::bigint AS transport_unit_id
    UNION ALL
    SELECT child.transport_unit_id FROM below CROSS JOIN LATERAL (
        SELECT transport_unit_id FROM transport_unit WHERE parent_id = below.transport_unit_id OFFSET 0) AS child
), shown AS (
    -- Whether a parcel has landed is looked up for those that are shown alone, unless a status is asked for.
    SELECT consignment_id FROM below CROSS JOIN LATERAL (
        SELECT * FROM declared_consignment WHERE transport_unit_id = below.transport_unit_id OFFSET 0
    ) AS there
    WHERE administration_id = %(administration_id)s AND consignment_id < %(before_id)s
        AND (%(lane)s::smallint IS NULL OR shown_lane = %(lane)s)
        AND (%(destination)s::text IS NULL OR consignee_country_code = %(destination)s)
        AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
        AND (%(status)s::smallint IS NULL OR %(status)s::smallint = (
            SELECT status FROM consignment WHERE consignment.consignment_id = there.consignment_id))
    ORDER BY consignment_id DESC LIMIT %(count_max)s
)
SELECT case_id, reference, house_document, mrn, consignee_country_code, shown_lane, status, changed_at, consignment.consignment_id, 0::bigint
FROM shown CROSS JOIN LATERAL (SELECT * FROM consignment WHERE consignment.consignment_id = shown.consignment_id OFFSET 0) AS consignment
ORDER BY consignment.consignment_id DESC

-- name: select_parcels_of_cases
SELECT case_id, reference, house_document, mrn, consignee_country_code, shown_lane, status, changed_at, consignment_id, 0::bigint
FROM case_consignment
WHERE of_case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s
    AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
ORDER BY consignment_id DESC LIMIT %(count_max)s

-- name: select_parcels_by_id
SELECT case_id, reference, house_document, mrn, consignee_country_code, shown_lane, status, changed_at, consignment_id, 0::bigint
FROM consignment
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s
    AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
ORDER BY consignment_id DESC LIMIT %(count_max)s

-- name: find_cases_by_reference
-- The index finds a reference of a party and kind, so it is asked party by party. A declaration began as the case of its consignment.
SELECT declared.case_id
FROM (
    SELECT party_id FROM party
    WHERE administration_id = %(administration_id)s AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s) OFFSET 0
) AS party
CROSS JOIN unnest(%(kinds)s::smallint[]) AS asked (kind)
CROSS JOIN unnest(%(texts)s::text[]) AS said (text)
JOIN own_submission AS submission ON reference_head(submission.party_id, submission.kind, submission.reference)
        = reference_head(party.party_id, asked.kind, said.text)
    AND right(submission.reference, 7) = right(said.text, 7) COLLATE "C"
    AND submission.administration_id = %(administration_id)s AND submission.party_id = party.party_id AND submission.kind = asked.kind
    AND submission.reference = said.text COLLATE "C"
JOIN declared_consignment AS declared ON declared.consignment_id = CASE WHEN submission.first_id IS NULL THEN submission.document_id ELSE submission.first_id END
LIMIT %(count_max)s

-- name: find_cases_by_key
-- The index finds half a hash; what it finds counts if the other half is of the same key.
SELECT match_key.case_id FROM unnest(%(key_hashes)s::bigint[], %(check_hashes)s::bigint[]) AS asked (asked_hash, asked_check)
JOIN match_key ON administration_id = %(administration_id)s AND key_hash = asked_hash AND check_hash = asked_check
WHERE %(party_id)s::bigint IS NULL OR EXISTS (
    SELECT 1 FROM every_case JOIN case_consignment ON of_case_id = coalesce(merged_into, every_case.case_id)
    WHERE every_case.case_id = match_key.case_id AND case_consignment.party_id = %(party_id)s)

-- name: find_units_beginning
-- For the administration: flights, documents and bags whose number begins so, each looked up by index; whole numbers first, then flights of any day.
SELECT transport_unit_id, kind, number
FROM unnest(%(kinds)s::smallint[]) AS asked (asked_kind) CROSS JOIN unnest(%(texts)s::text[]) AS said (text)
CROSS JOIN LATERAL (
    SELECT transport_unit_id, kind, number, scheduled_arrival_at FROM transport_unit
    WHERE administration_id = %(administration_id)s AND kind = asked_kind AND number >= said.text COLLATE "C"
        AND number < (said.text || chr(1114111)) COLLATE "C"
    ORDER BY number LIMIT %(count_max)s
) AS found
ORDER BY number = said.text DESC, starts_with(number, said.text || '/') DESC, kind, scheduled_arrival_at DESC NULLS LAST, number
LIMIT %(count_max)s

-- name: find_unit
-- For a party: where one of its own parcels hangs on it.
SELECT transport_unit_id, kind, number FROM transport_unit AS found
WHERE administration_id = %(administration_id)s AND kind = ANY(%(kinds)s::smallint[]) AND number = %(text)s COLLATE "C"
    AND (%(party_id)s::bigint IS NULL OR EXISTS (
        WITH RECURSIVE below AS (
            SELECT found.transport_unit_id
            UNION ALL
            SELECT child.transport_unit_id FROM below CROSS JOIN LATERAL (
                SELECT transport_unit_id FROM transport_unit WHERE parent_id = below.transport_unit_id OFFSET 0) AS child
        )
        SELECT 1 FROM below CROSS JOIN LATERAL (
            SELECT party_id FROM declared_consignment WHERE transport_unit_id = below.transport_unit_id OFFSET 0) AS there
        WHERE there.party_id = %(party_id)s))
ORDER BY kind LIMIT 1

-- name: resolve_cases
SELECT coalesce(merged_into, case_id) FROM every_case
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s
    AND (%(party_id)s::bigint IS NULL OR EXISTS (
        SELECT 1 FROM case_consignment WHERE of_case_id = coalesce(merged_into, case_id) AND case_consignment.party_id = %(party_id)s))

-- name: count_queues
-- Parcels with open tasks that are in no lane, by queue.
SELECT queue, count(DISTINCT consignment_id) FROM task
WHERE administration_id = %(administration_id)s AND queue >= 16 AND closed_at IS NULL GROUP BY queue

-- name: select_unit_and_above
-- A transport unit and what it lies in, the nearest first.
WITH RECURSIVE above AS (
    SELECT 0 AS height, unit.* FROM transport_unit AS unit
    WHERE transport_unit_id = %(unit_id)s AND administration_id = %(administration_id)s
    UNION ALL
    SELECT height + 1, parent.* FROM above CROSS JOIN LATERAL (
        SELECT * FROM transport_unit WHERE transport_unit_id = above.parent_id OFFSET 0) AS parent
)
SELECT transport_unit_id, kind, number, scheduled_departure_at, scheduled_arrival_at, coalesce(landed_at, arrived_at)
FROM above ORDER BY height LIMIT 10

-- name: select_units_below
-- What lies directly in the units below one, those with most open tasks first: looked up unit by unit, up to a limit of units. Tasks of a
-- movement lie side by side in the order of landings. Behind a policy coalesce() would keep the index from being asked; CASE does not.
WITH RECURSIVE below AS (
    SELECT %(unit_id)s::bigint AS transport_unit_id
    UNION ALL
    SELECT child.transport_unit_id FROM below CROSS JOIN LATERAL (
        SELECT transport_unit_id FROM transport_unit WHERE parent_id = below.transport_unit_id OFFSET 0) AS child
), few AS (
    SELECT transport_unit_id FROM below LIMIT %(look_max)s
), open AS (
    SELECT transport_unit_id, count(*) AS tasks_count FROM task
    WHERE administration_id = %(administration_id)s AND closed_at IS NULL AND movement_id = %(movement_id)s
        -- Or on top of the queue, as what was to be done by a time that has ended (put_ended_on_top).
        AND lands_at = ANY(ARRAY[CASE WHEN %(lands_at)s::timestamptz IS NULL THEN 'infinity' ELSE %(lands_at)s END, '1970-01-01 00:00:00+00'::timestamptz])
        AND NOT %(is_own_only)s
    GROUP BY transport_unit_id
)
SELECT unit.transport_unit_id, unit.kind, unit.number, there.parcels_count, coalesce(open.tasks_count, 0)
FROM few CROSS JOIN LATERAL (
    SELECT count(*) AS parcels_count FROM (
        SELECT party_id, administration_id FROM declared_consignment WHERE transport_unit_id = few.transport_unit_id OFFSET 0
    ) AS lying
    WHERE administration_id = %(administration_id)s AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
) AS there
CROSS JOIN LATERAL (SELECT * FROM transport_unit WHERE transport_unit_id = few.transport_unit_id OFFSET 0) AS unit
LEFT JOIN open ON open.transport_unit_id = few.transport_unit_id
WHERE parcels_count > 0
ORDER BY 5 DESC, 3, 1

-- name: select_sums_below
-- Parcels by lane and status in a unit and in what lies in it, looked up unit by unit.
WITH RECURSIVE below AS (
    SELECT %(unit_id)s::bigint AS transport_unit_id
    UNION ALL
    SELECT child.transport_unit_id FROM below CROSS JOIN LATERAL (
        SELECT transport_unit_id FROM transport_unit WHERE parent_id = below.transport_unit_id OFFSET 0) AS child
)
SELECT lane, status, count(*)
FROM below CROSS JOIN LATERAL (
    SELECT shown_lane AS lane, status, party_id, administration_id FROM consignment
    WHERE transport_unit_id = below.transport_unit_id OFFSET 0
) AS there
WHERE administration_id = %(administration_id)s AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
GROUP BY lane, status
