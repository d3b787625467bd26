-- name: insert_epoch
INSERT INTO vault_epoch (epoch_id, administration_id, generation, opened_at)
VALUES (%(epoch_id)s, %(administration_id)s, %(generation)s, %(at)s)

-- name: hold_epoch
-- FOR SHARE: an erasure that rotates the epoch waits until the writer has committed, then re-wraps what it wrote.
SELECT generation FROM vault_epoch WHERE epoch_id = %(epoch_id)s FOR SHARE

-- name: lock_epoch
SELECT generation FROM vault_epoch WHERE epoch_id = %(epoch_id)s FOR UPDATE

-- name: update_epoch
UPDATE vault_epoch SET generation = %(generation)s, rotated_at = %(at)s WHERE epoch_id = %(epoch_id)s

-- name: select_directories
-- Ids are those of documents and persons alike: both are made in order of time, so a row's lie close together and few rows overlap.
SELECT batch_id, epoch_id, format, directory FROM own_vault_batch
WHERE int8range(first_id, last_id, '[]')
        && (SELECT range_agg(int8range(one, one, '[]')) FROM unnest(%(ids)s::bigint[]) AS wanted (one))
    AND administration_id = %(administration_id)s

-- piece: pieces
SELECT wanted.batch_id, is_key, begin, generation,
    CASE WHEN is_key THEN substr(wrapped_keys, begin::integer + 1, size::integer)
        ELSE substr(sealed, begin::integer + 1, size::integer) END
FROM unnest(%(batch_ids)s::bigint[], %(are_keys)s::boolean[], %(begins)s::bigint[], %(sizes)s::bigint[])
    AS wanted (batch_id, is_key, begin, size)
CROSS JOIN LATERAL (SELECT * FROM vault_batch WHERE vault_batch.batch_id = wanted.batch_id OFFSET 0) AS vault_batch

-- name: select_pieces
-- here: pieces

-- name: insert_reads
-- One line for each row of the vault, naming everybody in it who is read; one more for those it does not hold.
WITH line AS (
    INSERT INTO vault_read (administration_id, kind, first_subject_id, last_subject_id, subject_ids, record_ids, purpose, actor, read_at)
    SELECT %(administration_id)s, %(kind)s, min(subject_id), max(subject_id), array_agg(subject_id), array_agg(record_id),
        %(purpose)s, %(actor)s, %(at)s
    FROM unnest(%(subject_ids)s::bigint[], %(record_ids)s::bigint[], %(read_batch_ids)s::bigint[])
        AS wanted (subject_id, record_id, batch_id)
    GROUP BY batch_id
)
-- here: pieces

-- name: select_reads
SELECT kind, named.subject_id, named.record_id, purpose, actor, read_at
FROM own_vault_read CROSS JOIN LATERAL unnest(subject_ids, record_ids) AS named (subject_id, record_id)
WHERE int8range(first_subject_id, last_subject_id, '[]') @> %(subject_id)s::bigint
    AND named.subject_id = %(subject_id)s AND kind = %(kind)s AND administration_id = %(administration_id)s
ORDER BY read_id, named.record_id

-- name: insert_dictionary
INSERT INTO vault_dictionary (dictionary_id, content, created_at)
VALUES (%(dictionary_id)s, %(content)s, %(at)s) ON CONFLICT DO NOTHING

-- name: lock_dictionaries
-- Readers go on; whoever finds no dictionary takes turns to make the first one.
LOCK TABLE vault_dictionary IN SHARE ROW EXCLUSIVE MODE

-- name: select_dictionaries
SELECT content FROM vault_dictionary ORDER BY created_at, dictionary_id

-- name: insert_erasure
-- An erasure that is taken up again after a crash is the same erasure.
INSERT INTO vault_erasure (administration_id, kind, subject_id, ground, actor, erased_at)
VALUES (%(administration_id)s, %(kind)s, %(subject_id)s, %(ground)s, %(actor)s, %(at)s) ON CONFLICT DO NOTHING

-- name: select_rows_of_epoch
SELECT batch_id, format, generation, wrapped_keys FROM vault_batch WHERE epoch_id = %(epoch_id)s ORDER BY batch_id

-- name: select_row_directories
SELECT batch_id, epoch_id, format, directory FROM vault_batch WHERE batch_id = ANY(%(batch_ids)s::bigint[])

-- name: update_keys
UPDATE vault_batch SET wrapped_keys = made.wrapped_keys, generation = %(generation)s
FROM unnest(%(batch_ids)s::bigint[], %(wrapped_keys)s::bytea[]) AS made (batch_id, wrapped_keys)
WHERE vault_batch.batch_id = made.batch_id

-- name: overwrite
UPDATE vault_batch SET sealed = overlay(sealed PLACING %(content)s FROM %(begin)s + 1) WHERE batch_id = %(batch_id)s

-- name: select_administration_of_epoch
SELECT administration_id FROM vault_epoch WHERE epoch_id = %(epoch_id)s

-- name: select_epochs_in_use
-- Those under which something is sealed; others may have lost their keys on purpose.
SELECT epoch_id, generation FROM vault_epoch
WHERE administration_id = %(administration_id)s
    AND EXISTS (SELECT FROM vault_batch WHERE vault_batch.epoch_id = vault_epoch.epoch_id)
ORDER BY epoch_id

-- name: select_newest_epoch_in_use
SELECT epoch_id, generation FROM vault_epoch
WHERE administration_id = %(administration_id)s
    AND EXISTS (SELECT FROM vault_batch WHERE vault_batch.epoch_id = vault_epoch.epoch_id)
ORDER BY epoch_id DESC LIMIT 1

-- name: select_old_rows
SELECT batch_id, administration_id, epoch_id, format, retention_class, directory FROM vault_batch
WHERE batch_id > %(after_id)s AND batch_id < %(before_id)s ORDER BY batch_id LIMIT %(limit)s

-- name: select_whole_row
SELECT administration_id, epoch_id, generation, format, retention_class, directory, wrapped_keys, sealed FROM vault_batch
WHERE batch_id = %(batch_id)s

-- name: delete_old_events
WITH gone AS (
    DELETE FROM vault_batch WHERE batch_id < %(before_id)s AND retention_class = %(retention_class)s RETURNING epoch_id, administration_id
)
SELECT DISTINCT epoch_id, administration_id FROM gone

-- name: hold_old_epochs
-- FOR SHARE: whoever writes goes on, an erasure waits.
SELECT FROM vault_epoch
WHERE epoch_id IN (SELECT vault_batch.epoch_id FROM vault_batch WHERE batch_id < %(before_id)s) ORDER BY epoch_id FOR SHARE

-- name: insert_restriction
INSERT INTO vault_restriction (administration_id, person_id, asked_for, ground, until, actor, restricted_at, read_at)
VALUES (%(administration_id)s, %(person_id)s, %(asked_for)s, %(ground)s, %(until)s, %(actor)s, %(restricted_at)s, %(read_at)s)
ON CONFLICT (person_id) DO UPDATE SET ground = excluded.ground, until = excluded.until, read_at = excluded.read_at

-- name: delete_restrictions
DELETE FROM vault_restriction WHERE person_id = ANY(%(person_ids)s::bigint[]) AND administration_id = %(administration_id)s

-- name: select_restrictions
SELECT person_id, asked_for, ground, until, actor, restricted_at, read_at FROM vault_restriction
WHERE administration_id = %(administration_id)s AND (%(person_ids)s::bigint[] IS NULL OR person_id = ANY(%(person_ids)s::bigint[]))
ORDER BY restricted_at, person_id
