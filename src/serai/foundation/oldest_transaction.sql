-- The transaction that has been open longest, of any database of the server: nothing that came after it is told before it ends.

-- name: select_oldest
-- Locks are shown to everybody; when a transaction began is not. pid: NULL for one that was prepared and waits for its second phase.
SELECT transactionid::text::bigint, pid FROM pg_locks
WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted ORDER BY age(transactionid) DESC LIMIT 1
