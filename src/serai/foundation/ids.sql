-- Leases of the node numbers that make ids unique.

-- name: lease_node
-- The number that rested longest, so that a clock that runs behind does least harm.
UPDATE node_id
SET holder = %(holder)s, not_before = greatest(leased_until, %(at)s), leased_until = %(leased_until)s
WHERE node_id = (
    SELECT node_id FROM node_id WHERE leased_until <= %(at)s ORDER BY leased_until, node_id
    LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING node_id, not_before, leased_until

-- name: renew_node
-- Only while it still runs: afterwards somebody else may have taken the number. It never gets shorter: where the clock was put back, ids go
-- on above those that were made, and a lease that ended before them would leave none.
UPDATE node_id SET leased_until = greatest(leased_until, %(leased_until)s)
WHERE node_id = %(node_id)s AND holder = %(holder)s AND leased_until > %(at)s
RETURNING node_id, not_before, leased_until

-- name: end_lease
UPDATE node_id SET leased_until = %(leased_until)s
WHERE node_id = %(node_id)s AND holder = %(holder)s
