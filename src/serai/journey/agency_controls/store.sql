-- Table agency_control: written by this room alone.

-- piece: control_columns
control_id, consignment_id, case_id, party_id, opened_at, due_at, changed_at, version, state, rules, inspection

-- name: open_controls
-- One that was decided or has ended is opened again, with a clock of its own; one that is open keeps its clock.
INSERT INTO agency_control AS known (control_id, consignment_id, case_id, party_id, opened_at, changed_at, administration_id, version, state,
    rules)
SELECT control_id, consignment_id, case_id, party_id, %(at)s, %(at)s, %(administration_id)s, version, state, rules
FROM unnest(%(control_ids)s::bigint[], %(consignment_ids)s::bigint[], %(case_ids)s::bigint[], %(party_ids)s::bigint[],
    %(versions)s::smallint[], %(states)s::text[], %(rules)s::text[])
    AS found (control_id, consignment_id, case_id, party_id, version, state, rules)
ORDER BY consignment_id, party_id
ON CONFLICT (consignment_id, party_id) DO UPDATE SET version = excluded.version, rules = excluded.rules, state = excluded.state,
    opened_at = CASE WHEN known.state IN ('waiting', 'maintained', 'refused') THEN known.opened_at ELSE excluded.opened_at END,
    due_at = CASE WHEN known.state IN ('waiting', 'maintained', 'refused') THEN known.due_at END,
    is_clock_set = known.is_clock_set AND known.state IN ('waiting', 'maintained', 'refused'),
    inspection = CASE WHEN known.version = excluded.version THEN known.inspection ELSE '' END,
    changed_at = CASE WHEN known.state = excluded.state THEN known.changed_at ELSE excluded.changed_at END
WHERE (known.version, known.rules, known.state) IS DISTINCT FROM (excluded.version, excluded.rules, excluded.state)

-- name: end_controls
-- Those of consignments whose goods nothing of an agency's remit keeps any more; what was decided stays so.
UPDATE agency_control SET state = 'ended', changed_at = %(at)s
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s
    AND state IN ('waiting', 'maintained', 'refused')
    AND (consignment_id, party_id) NOT IN (
        SELECT * FROM unnest(%(kept_consignment_ids)s::bigint[], %(kept_party_ids)s::bigint[])
    )

-- name: select_controls
-- An agency's own, after one of them; those in some states.
SELECT
    -- here: control_columns
FROM agency_control
WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s AND control_id > %(after_id)s
    AND state = ANY(%(states)s::text[])
ORDER BY control_id LIMIT %(limit)s

-- name: count_controls
SELECT state, count(*) FROM agency_control
WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s
GROUP BY state

-- name: select_control
-- Of this agency alone.
SELECT
    -- here: control_columns
FROM agency_control
WHERE control_id = %(control_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s

-- name: select_of_consignments
SELECT
    -- here: control_columns
FROM agency_control
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s
ORDER BY control_id

-- name: select_unset
SELECT
    -- here: control_columns
FROM agency_control
WHERE administration_id = %(administration_id)s AND state = 'waiting' AND NOT is_clock_set
ORDER BY control_id LIMIT %(limit)s

-- name: set_clocks
UPDATE agency_control SET due_at = clock.due_at, is_clock_set = true
FROM unnest(%(control_ids)s::bigint[], %(dues)s::timestamptz[]) AS clock (id, due_at)
WHERE control_id = clock.id AND administration_id = %(administration_id)s

-- name: select_ended
-- Whose clock has run out, the longest ago first.
SELECT
    -- here: control_columns
FROM agency_control
WHERE administration_id = %(administration_id)s AND state = 'waiting' AND due_at <= %(at)s
ORDER BY due_at LIMIT %(limit)s

-- name: set_state
UPDATE agency_control SET state = %(state)s, changed_at = %(at)s
WHERE control_id = %(control_id)s AND administration_id = %(administration_id)s

-- name: set_inspection
UPDATE agency_control SET inspection = %(inspection)s
WHERE control_id = ANY(%(control_ids)s::bigint[]) AND administration_id = %(administration_id)s
