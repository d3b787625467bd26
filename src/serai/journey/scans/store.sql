-- name: select_scan
-- The scan for a generation; who comes second while it goes on is told nothing (SKIP LOCKED).
SELECT after_id, until_id, finished_at FROM list_scan
WHERE administration_id = %(administration_id)s AND generation_id = %(generation_id)s FOR UPDATE SKIP LOCKED

-- name: open_scan
INSERT INTO list_scan (administration_id, generation_id, after_id, until_id, started_at, read_count, listed_count)
VALUES (%(administration_id)s, %(generation_id)s, 0, %(until_id)s, %(at)s, 0, 0) ON CONFLICT DO NOTHING

-- name: select_scanned_before
-- The newest generation whose lists everything in flight was held against.
SELECT max(generation_id) FROM list_scan
WHERE administration_id = %(administration_id)s AND generation_id < %(generation_id)s AND finished_at IS NOT NULL

-- name: advance_scan
UPDATE list_scan SET after_id = %(after_id)s, read_count = read_count + %(read_count)s, listed_count = listed_count + %(listed_count)s,
    finished_at = %(finished_at)s
WHERE administration_id = %(administration_id)s AND generation_id = %(generation_id)s

-- name: select_in_flight
-- In the order of ids: what is released or withdrawn is passed over.
SELECT consignment_id, document_id, person_roles, first_person_id FROM declared_consignment AS declared
WHERE consignment_id > %(after_id)s AND consignment_id < %(until_id)s AND status NOT IN (%(released)s, %(withdrawn)s)
    AND administration_id = %(administration_id)s
    AND NOT EXISTS (SELECT FROM landing WHERE landing.consignment_id = declared.consignment_id AND landing.status = %(released)s)
ORDER BY consignment_id LIMIT %(limit)s
