-- name: insert_batch
INSERT INTO log_batch (batch_id, administration_id, last_leaf_id, leaf_count, leaf_ids, leaf_head, commitments,
                       promise, promised_at)
VALUES (%(batch_id)s, %(administration_id)s, %(last_leaf_id)s, %(leaf_count)s, %(leaf_ids)s, %(leaf_head)s,
        %(commitments)s, %(promise)s, %(promised_at)s)

-- name: insert_pending
-- Together with the batch: one that is not pending would never be integrated.
INSERT INTO log_pending (batch_id, administration_id) VALUES (%(batch_id)s, %(administration_id)s)

-- name: lock_log
-- One integrator at a time in the whole cluster of processes; the number is arbitrary and belongs to the log.
SELECT pg_try_advisory_xact_lock(736005190001)

-- name: lock_static_files
-- One process at a time writes the log's files; this number is another's than the integrator's.
SELECT pg_try_advisory_xact_lock(736005190002)

-- name: select_pending
-- Whatever is visible, oldest first, up to a bound that keeps one round small; always at least one batch.
WITH waiting AS (
    SELECT log_batch.batch_id, log_batch.administration_id, leaf_count, leaf_ids, leaf_head, promise,
           sum(leaf_count) OVER (ORDER BY batch_id) - leaf_count AS leaves_before_count
    FROM log_pending JOIN log_batch USING (batch_id)
)
SELECT batch_id, administration_id, leaf_count, leaf_ids, leaf_head, promise
FROM waiting WHERE leaves_before_count < %(leaf_count_max)s ORDER BY batch_id

-- name: select_last_checkpoint
SELECT tree_size, origin, root, note FROM log_checkpoint ORDER BY tree_size DESC LIMIT 1

-- name: select_last_integrated
-- Of this administration: the newest row is found at the end of the primary key.
SELECT integrated_at FROM log_integrated WHERE administration_id = %(administration_id)s ORDER BY first_index DESC LIMIT 1

-- name: select_checkpoint
SELECT tree_size, origin, root, note FROM log_checkpoint WHERE tree_size = %(tree_size)s

-- name: select_checkpoints
SELECT tree_size, origin, root, note FROM log_checkpoint ORDER BY tree_size

-- name: select_tiles
SELECT level, tile_index, hashes FROM log_tile
WHERE (level, tile_index) IN (SELECT * FROM unnest(%(levels)s::smallint[], %(indices)s::bigint[]))

-- name: write_tiles
-- A tile only grows: the upsert never shortens or changes what was there.
INSERT INTO log_tile (level, tile_index, hashes)
SELECT * FROM unnest(%(levels)s::smallint[], %(indices)s::bigint[], %(hashes)s::bytea[])
ON CONFLICT (level, tile_index) DO UPDATE SET hashes = excluded.hashes

-- name: insert_integrated
INSERT INTO log_integrated (first_index, batch_id, administration_id, leaf_count, integrated_at)
SELECT first_index, batch_id, administration_id, leaf_count, %(at)s
FROM unnest(%(first_indices)s::bigint[], %(batch_ids)s::bigint[], %(administration_ids)s::smallint[],
            %(leaf_counts)s::integer[]) AS batch (first_index, batch_id, administration_id, leaf_count)

-- name: delete_pending
DELETE FROM log_pending WHERE batch_id = ANY(%(batch_ids)s::bigint[])

-- name: insert_checkpoint
INSERT INTO log_checkpoint (tree_size, origin, root, note, signed_at)
VALUES (%(tree_size)s, %(origin)s, %(root)s, %(note)s, %(at)s)

-- name: select_batches_around
-- A batch's ids span at most a minute (checked when it is written), so the key's index bounds the search.
SELECT batch.batch_id, leaf_ids, leaf_head, octet_length(commitments) / batch.leaf_count, promise, first_index
FROM log_batch AS batch LEFT JOIN log_integrated USING (batch_id)
WHERE batch.batch_id BETWEEN %(leaf_id)s::bigint - %(span_max)s::bigint AND %(leaf_id)s AND last_leaf_id >= %(leaf_id)s
      AND batch.administration_id = %(administration_id)s

-- name: select_commitments
-- Of one leaf. start counts from 1.
SELECT substring(commitments FROM %(start)s FOR %(length)s) FROM log_batch
WHERE batch_id = %(batch_id)s AND administration_id = %(administration_id)s

-- name: select_places_around
-- Which batches hold some leaves, and how long the commitments of each of theirs are.
SELECT batch_id, last_leaf_id, leaf_ids, leaf_head, octet_length(commitments) / leaf_count FROM log_batch
WHERE administration_id = %(administration_id)s AND batch_id IN (
    SELECT DISTINCT found.batch_id
    FROM unnest(%(leaf_ids)s::bigint[]) AS leaf (leaf_id)
    CROSS JOIN LATERAL (
        SELECT batch_id FROM log_batch
        WHERE batch_id BETWEEN leaf_id - %(span_max)s AND leaf_id AND last_leaf_id >= leaf_id) AS found)

-- name: select_commitments_of_leaves
-- Of many leaves. starts count from 1.
SELECT leaf_id, substring(commitments FROM start FOR length)
FROM unnest(%(leaf_ids)s::bigint[], %(batch_ids)s::bigint[], %(starts)s::integer[], %(lengths)s::integer[])
    AS asked (leaf_id, asked_id, start, length)
CROSS JOIN LATERAL (SELECT commitments FROM log_batch WHERE batch_id = asked_id OFFSET 0) AS batch

-- name: select_whole_batch
SELECT commitments FROM log_batch WHERE batch_id = %(batch_id)s AND administration_id = %(administration_id)s

-- name: select_commitments_of_batches
SELECT batch_id, commitments FROM log_batch WHERE batch_id = ANY(%(batch_ids)s::bigint[])

-- name: select_batches_in_range
-- All batches with a leaf in [first, last]; the one before the range may reach into it.
SELECT first_index, promise, leaf_ids, leaf_head, commitments
FROM log_integrated JOIN log_batch USING (batch_id)
WHERE first_index BETWEEN
    coalesce((SELECT max(first_index) FROM log_integrated WHERE first_index <= %(first)s), 0) AND %(last)s
ORDER BY first_index

-- name: count_pending
SELECT count(*), min(promised_at) FROM log_pending JOIN log_batch USING (batch_id)
WHERE log_batch.administration_id = %(administration_id)s

-- name: select_batches_of_leaves
-- Which batches hold some leaves: the last batch that begins at or before each.
SELECT batch_id, leaf_ids, leaf_head, promise FROM log_batch
WHERE administration_id = %(administration_id)s AND batch_id IN (
    SELECT DISTINCT found.batch_id
    FROM unnest(%(leaf_ids)s::bigint[]) AS leaf (leaf_id)
    CROSS JOIN LATERAL (
        SELECT batch_id FROM log_batch
        WHERE batch_id BETWEEN leaf_id - %(span_max)s AND leaf_id AND last_leaf_id >= leaf_id) AS found)

-- name: select_witnessed_checkpoint
-- The newest of more than so many leaves that a quorum has signed, with their lines.
SELECT tree_size, origin, root, note,
    ARRAY(SELECT line FROM log_cosignature WHERE log_cosignature.tree_size = log_checkpoint.tree_size ORDER BY witness_key)
FROM log_checkpoint WHERE is_witnessed AND tree_size > %(size)s ORDER BY tree_size DESC LIMIT 1

-- name: insert_witnesses
INSERT INTO log_witness (witness_key, signed_size, next_try_at, asked_at, failures_count, fault_code)
SELECT key, 0, %(at)s, %(at)s, 0, '' FROM unnest(%(keys)s::text[]) AS key ON CONFLICT DO NOTHING

-- name: claim_witnesses
-- Those of ours that have not signed the newest checkpoint and may be asked, for one process until it has asked them. Pauses that
-- were set by a clock which has been set back since do not count.
WITH due AS (
    SELECT witness_key FROM log_witness
    WHERE witness_key = ANY(%(keys)s::text[]) AND (next_try_at <= %(at)s OR asked_at > %(until)s) AND signed_size < %(size)s FOR UPDATE SKIP LOCKED
)
UPDATE log_witness SET next_try_at = %(until)s, asked_at = %(at)s FROM due WHERE log_witness.witness_key = due.witness_key
RETURNING log_witness.witness_key, signed_size, failures_count

-- name: insert_cosignature
INSERT INTO log_cosignature (tree_size, witness_key, line, signed_at) VALUES (%(size)s, %(key)s, %(line)s, %(at)s)
ON CONFLICT DO NOTHING

-- name: note_witness
UPDATE log_witness SET signed_size = %(signed_size)s, next_try_at = %(next_try_at)s, asked_at = %(at)s, failures_count = %(failures_count)s,
    fault_code = %(fault_code)s,
    failing_since = CASE WHEN %(fault_code)s::text <> '' THEN coalesce(failing_since, %(at)s) END
WHERE witness_key = %(key)s

-- name: note_quorum
UPDATE log_checkpoint SET is_witnessed = true WHERE tree_size = %(size)s AND NOT is_witnessed
    AND %(quorum_count)s <= (SELECT count(*) FROM log_cosignature WHERE log_cosignature.tree_size = %(size)s AND witness_key = ANY(%(keys)s::text[]))

-- name: select_failing_witnesses
SELECT witness_key, fault_code, failures_count, failing_since FROM log_witness
WHERE witness_key = ANY(%(keys)s::text[]) AND fault_code <> '' ORDER BY witness_key
