-- name: is_my_turn
-- One process of an administration looks at keys at a time: a parcel is in one group at most.
SELECT pg_try_advisory_xact_lock(hashtextextended('split_shipments', %(administration_id)s))

-- name: take_batches
-- The oldest first, by the primary key; each is looked at once.
DELETE FROM split_shipment_batch WHERE batch_id IN (
    SELECT batch_id FROM split_shipment_batch WHERE administration_id = %(administration_id)s ORDER BY batch_id LIMIT %(limit)s
) AND administration_id = %(administration_id)s
RETURNING key_hashes

-- name: select_candidates
-- Parcels whose key others have too, by the index of keys; of a key the newest, so many that it shows when there are more. A parcel of a group that was
-- found separate is asked about no more.
SELECT shared.key_hash, consignment_id, person, value_minor, limit_minor, sent_at, version, currency_code
FROM (
    SELECT key_hash FROM split_shipment_key
    WHERE administration_id = %(administration_id)s AND key_hash = ANY(%(key_hashes)s::bigint[])
    GROUP BY key_hash HAVING count(*) > 1
) AS shared
CROSS JOIN LATERAL (
    SELECT consignment_id, person, value_minor, limit_minor, sent_at, version, currency_code FROM split_shipment_key
    WHERE administration_id = %(administration_id)s AND split_shipment_key.key_hash = shared.key_hash
    ORDER BY sent_at DESC LIMIT %(limit)s
) AS parcel
WHERE NOT EXISTS (
    SELECT FROM split_shipment_member AS member JOIN split_shipment_group USING (group_id)
    WHERE member.consignment_id = parcel.consignment_id AND state = 'separate-orders'
)

-- name: forget_keys
DELETE FROM split_shipment_key WHERE added_at < %(before)s AND administration_id = %(administration_id)s

-- name: select_memberships
SELECT consignment_id, group_id FROM split_shipment_member
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s

-- name: insert_group
INSERT INTO split_shipment_group (group_id, opened_at, limit_minor, administration_id, window_days, state, currency_code)
VALUES (%(group_id)s, %(at)s, %(limit_minor)s, %(administration_id)s, %(window_days)s, 'open', %(currency_code)s)

-- name: insert_members
INSERT INTO split_shipment_member (consignment_id, group_id, value_minor, sent_at, administration_id)
SELECT consignment_id, %(group_id)s, value_minor, sent_at, %(administration_id)s
FROM unnest(%(consignment_ids)s::bigint[], %(values_minor)s::bigint[], %(sent_at)s::timestamptz[])
    AS added (consignment_id, value_minor, sent_at)
ON CONFLICT (consignment_id) DO NOTHING

-- name: select_suspected
SELECT consignment_id FROM split_shipment_member JOIN split_shipment_group USING (group_id)
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND split_shipment_member.administration_id = %(administration_id)s
    AND state <> 'separate-orders'

-- name: select_groups
-- By the index of states; those that wait longest first.
SELECT group_id, opened_at, decided_at, limit_minor, window_days, state, decided_by, currency_code FROM split_shipment_group
WHERE administration_id = %(administration_id)s AND state = ANY(%(states)s::text[]) ORDER BY opened_at, group_id LIMIT %(limit)s

-- name: select_group
SELECT group_id, opened_at, decided_at, limit_minor, window_days, state, decided_by, currency_code FROM split_shipment_group
WHERE group_id = %(group_id)s AND administration_id = %(administration_id)s

-- name: hold_group
SELECT state FROM split_shipment_group WHERE group_id = %(group_id)s AND administration_id = %(administration_id)s FOR UPDATE

-- name: select_members
SELECT group_id, consignment_id, value_minor, sent_at FROM split_shipment_member
WHERE group_id = ANY(%(group_ids)s::bigint[]) AND administration_id = %(administration_id)s ORDER BY sent_at, consignment_id

-- name: decide_group
UPDATE split_shipment_group SET state = %(state)s, decided_at = %(at)s, decided_by = %(decided_by)s
WHERE group_id = %(group_id)s AND administration_id = %(administration_id)s
