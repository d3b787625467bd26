-- name: select_scan
-- Who comes second while it goes on is told nothing (SKIP LOCKED).
SELECT after_id, until_id, finished_at FROM scan
WHERE administration_id = %(administration_id)s AND kind = %(kind)s AND subject_id = %(subject_id)s FOR UPDATE SKIP LOCKED

-- name: open_scan
INSERT INTO scan (administration_id, kind, subject_id, after_id, until_id, started_at, read_count, hit_count)
VALUES (%(administration_id)s, %(kind)s, %(subject_id)s, %(after_id)s, %(until_id)s, %(at)s, 0, 0) ON CONFLICT DO NOTHING

-- name: select_scanned_before
-- The newest generation whose lists, or law, everything in flight was held against.
SELECT max(subject_id) FROM scan
WHERE administration_id = %(administration_id)s AND kind = %(kind)s AND subject_id < %(generation_id)s AND finished_at IS NOT NULL

-- name: count_found
SELECT hit_count FROM scan WHERE administration_id = %(administration_id)s AND kind = %(kind)s AND subject_id = 0

-- name: advance_scan
UPDATE scan SET after_id = %(after_id)s, until_id = %(until_id)s, read_count = read_count + %(read_count)s,
    hit_count = hit_count + %(hit_count)s, finished_at = %(finished_at)s
WHERE administration_id = %(administration_id)s AND kind = %(kind)s AND subject_id = %(subject_id)s

-- name: begin_again
UPDATE scan SET after_id = 0, until_id = %(until_id)s, started_at = %(at)s, finished_at = NULL, read_count = 0, hit_count = 0
WHERE administration_id = %(administration_id)s AND kind = %(kind)s AND subject_id = 0 AND finished_at IS NOT NULL
    AND started_at <= %(before)s

-- name: measure_decided
-- Rows by the statistics, which a new table has not, and pages of 8 KiB as they are.
SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint, (sum(pg_relation_size(relid)) / 8192)::bigint
FROM pg_partition_tree('declared_consignment') AS part JOIN pg_class ON pg_class.oid = part.relid WHERE part.isleaf

-- name: select_at_random
-- Of pages drawn at random: ids lie in bunches, one a batch, so that a number drawn among them would find the first of each.
SELECT consignment_id FROM declared_consignment TABLESAMPLE SYSTEM (%(pages_percent)s)
WHERE administration_id = %(administration_id)s ORDER BY random() LIMIT %(limit)s

-- name: select_in_flight
-- In the order of ids, from the index of what is in flight alone; then the rows of those that no arrival has released. The statuses stand
-- here as in that index (7 released, 8 invalidated), so that it serves.
SELECT consignment_id, document_id, person_roles, first_person_id, consignee_country_code
FROM (
    SELECT consignment_id FROM declared_consignment AS flying
    WHERE consignment_id > %(after_id)s AND consignment_id < %(until_id)s AND status NOT IN (7, 8)
        AND administration_id = %(administration_id)s
        AND NOT EXISTS (SELECT FROM landing WHERE landing.consignment_id = flying.consignment_id AND landing.status = 7)
    ORDER BY consignment_id LIMIT %(limit)s
) AS in_flight
JOIN declared_consignment USING (consignment_id) ORDER BY consignment_id

-- name: select_some_in_flight
-- Of consignments those in flight, by the primary key.
SELECT consignment_id, document_id, person_roles, first_person_id, consignee_country_code FROM declared_consignment AS flying
WHERE consignment_id = ANY(%(ids)s::bigint[]) AND administration_id = %(administration_id)s AND status NOT IN (7, 8)
    AND NOT EXISTS (SELECT FROM landing WHERE landing.consignment_id = flying.consignment_id AND landing.status = 7)
ORDER BY consignment_id

-- name: select_without_law
-- In the order of ids, from the index of what waits: 5 is the lane in which those are shown for which no law was loaded.
SELECT consignment_id, document_id, person_roles, first_person_id, consignee_country_code FROM declared_consignment
WHERE administration_id = %(administration_id)s AND shown_lane = 5 AND shown_lane IN (1, 5)
    AND consignment_id > %(after_id)s AND consignment_id < %(until_id)s
ORDER BY consignment_id LIMIT %(limit)s

-- name: select_details
SELECT consignment_id, document_id, detail FROM declared_consignment
WHERE consignment_id = ANY(%(ids)s::bigint[]) AND administration_id = %(administration_id)s

-- name: select_released
-- In the order of ids: what was released (7), by its own row or by its arrival alone.
SELECT consignment_id, document_id, person_roles, first_person_id, consignee_country_code FROM declared_consignment AS declared
WHERE consignment_id > %(after_id)s AND consignment_id < %(until_id)s AND administration_id = %(administration_id)s
    AND (status = 7 OR (
        status <> 8 AND EXISTS (SELECT FROM landing WHERE landing.consignment_id = declared.consignment_id AND landing.status = 7)
    ))
ORDER BY consignment_id LIMIT %(limit)s
