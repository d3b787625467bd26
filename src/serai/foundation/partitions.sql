-- Partitions of the tables that are cut by the time of their id.

-- name: lock_partitions
-- One process of the node makes them; the others look again next time.
SELECT pg_try_advisory_xact_lock(736005190003)

-- name: limit_waiting
-- Attaching waits for nobody but others who change the table's shape.
SET LOCAL lock_timeout = '5s'

-- name: add_partitions
SELECT made FROM partition_end, add_partitions(table_name, %(at)s, %(until)s) AS made

-- name: select_ending
-- Tables that will not take rows of this instant.
SELECT table_name FROM partition_end WHERE coalesce(end_id, 0) <= %(first_id)s ORDER BY table_name
