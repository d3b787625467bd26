-- name: insert_epoch
INSERT INTO vault_epoch (epoch_id, administration_id, kind, generation, opened_at)
VALUES (%(epoch_id)s, %(administration_id)s, %(kind)s, %(generation)s, %(at)s)

-- name: hold_epochs
-- FOR SHARE: an erasure that rotates such an epoch waits until the writer has committed, then re-wraps what it wrote.
SELECT epoch_id, generation FROM vault_epoch WHERE epoch_id = ANY(%(epoch_ids)s::bigint[]) ORDER BY epoch_id FOR SHARE

-- name: lock_epoch
SELECT administration_id, generation FROM vault_epoch WHERE epoch_id = %(epoch_id)s FOR UPDATE

-- name: update_epoch
UPDATE vault_epoch SET generation = %(generation)s, rotated_at = %(at)s WHERE epoch_id = %(epoch_id)s

-- name: select_person
SELECT subject_id, wanted.record_id, epoch_id, wrapped_key, sealed
FROM unnest(%(subject_ids)s::bigint[], %(record_ids)s::bigint[]) AS wanted (subject_id, record_id)
CROSS JOIN LATERAL (
    SELECT * FROM vault_person WHERE person_id = subject_id AND vault_person.record_id = wanted.record_id OFFSET 0) AS vault_person
WHERE administration_id = %(administration_id)s

-- name: select_message
SELECT message_id, message_id, epoch_id, wrapped_key, sealed FROM vault_message
WHERE message_id = ANY(%(subject_ids)s::bigint[]) AND administration_id = %(administration_id)s

-- name: select_records_of_person
SELECT record_id FROM vault_person
WHERE person_id = %(person_id)s AND administration_id = %(administration_id)s ORDER BY record_id

-- name: insert_reads
INSERT INTO vault_read (administration_id, kind, subject_id, record_id, purpose, actor, read_at)
SELECT %(administration_id)s, %(kind)s, subject_id, record_id, %(purpose)s, %(actor)s, %(at)s
FROM unnest(%(subject_ids)s::bigint[], %(record_ids)s::bigint[]) AS wanted (subject_id, record_id)

-- name: select_reads
SELECT kind, subject_id, record_id, purpose, actor, read_at FROM vault_read
WHERE kind = %(kind)s AND subject_id = %(subject_id)s AND administration_id = %(administration_id)s ORDER BY read_id

-- name: insert_dictionary
INSERT INTO vault_dictionary (dictionary_id, administration_id, content, created_at)
VALUES (%(dictionary_id)s, %(administration_id)s, %(content)s, %(at)s) ON CONFLICT DO NOTHING

-- name: lock_dictionaries
-- Readers go on; whoever finds no dictionary takes turns to make the first one.
LOCK TABLE vault_dictionary IN SHARE ROW EXCLUSIVE MODE

-- name: select_dictionaries
SELECT content FROM vault_dictionary ORDER BY created_at, dictionary_id

-- name: delete_person
DELETE FROM vault_person
WHERE person_id = %(subject_id)s AND administration_id = %(administration_id)s RETURNING epoch_id

-- name: delete_message
DELETE FROM vault_message
WHERE message_id = %(subject_id)s AND administration_id = %(administration_id)s RETURNING epoch_id

-- name: insert_erasure
-- An erasure that is taken up again after a crash is the same erasure.
INSERT INTO vault_erasure (administration_id, kind, subject_id, ground, actor, erased_at)
VALUES (%(administration_id)s, %(kind)s, %(subject_id)s, %(ground)s, %(actor)s, %(at)s) ON CONFLICT DO NOTHING

-- name: select_wrapped_person
SELECT person_id, record_id, wrapped_key FROM vault_person WHERE epoch_id = %(epoch_id)s

-- name: select_wrapped_message
SELECT message_id, message_id, wrapped_key FROM vault_message WHERE epoch_id = %(epoch_id)s

-- name: update_wrapped_person
UPDATE vault_person SET wrapped_key = made.wrapped_key
FROM unnest(%(subject_ids)s::bigint[], %(record_ids)s::bigint[], %(wrapped_keys)s::bytea[])
    AS made (subject_id, record_id, wrapped_key)
WHERE person_id = made.subject_id AND vault_person.record_id = made.record_id

-- name: update_wrapped_message
UPDATE vault_message SET wrapped_key = made.wrapped_key
FROM unnest(%(subject_ids)s::bigint[], %(record_ids)s::bigint[], %(wrapped_keys)s::bytea[])
    AS made (subject_id, record_id, wrapped_key)
WHERE message_id = made.subject_id

-- name: delete_records_person
DELETE FROM vault_person USING unnest(%(subject_ids)s::bigint[], %(record_ids)s::bigint[]) AS gone (subject_id, record_id)
WHERE person_id = gone.subject_id AND vault_person.record_id = gone.record_id

-- name: delete_records_message
DELETE FROM vault_message WHERE message_id = ANY(%(subject_ids)s::bigint[])

-- name: select_epoch_kind
SELECT kind FROM vault_epoch WHERE epoch_id = %(epoch_id)s
