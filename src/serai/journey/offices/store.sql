-- Customs offices: rows that are only ever added.

-- name: lock_offices
-- Whoever writes offices at the same time waits: the file is taken over once.
SELECT pg_advisory_xact_lock(hashtextextended('customs_office', %(administration_id)s))

-- name: insert_office
INSERT INTO customs_office (
    office_row_id, administration_id, reference, valid_from, is_ended, name, address, hours, contact, country_codes, channel_codes, written_at
)
VALUES (
    %(office_row_id)s, %(administration_id)s, %(reference)s, %(valid_from)s, %(is_ended)s, %(name)s, %(address)s, %(hours)s, %(contact)s,
    %(country_codes)s, %(channel_codes)s, %(written_at)s
)

-- name: select_offices
-- All rows of all offices, as they were written: an administration has some dozens.
SELECT office_row_id, reference, valid_from, is_ended, name, address, hours, contact, country_codes, channel_codes, written_at
FROM customs_office WHERE administration_id = %(administration_id)s
ORDER BY administration_id, reference, office_row_id
