-- What a server of PostgreSQL says of itself. Nothing is written.

-- name: select_settings
SELECT name, setting FROM pg_settings WHERE name = ANY(%(names)s)

-- name: select_clock
-- When this very statement began, by the server's clock.
SELECT activity.query_start, pg_is_in_recovery(), pg_encoding_to_char(own.encoding)
FROM pg_stat_activity AS activity
JOIN pg_database AS own ON own.datname = current_database()
WHERE activity.pid = pg_backend_pid()

-- name: select_waits
-- Whoever waits for a lock, and one who holds it.
SELECT waiting.pid, blocker.pid, coalesce(blocking.state, 'unknown'), waiting.state_change
FROM pg_stat_activity AS waiting
CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker (pid)
LEFT JOIN pg_stat_activity AS blocking ON blocking.pid = blocker.pid
WHERE waiting.wait_event_type = 'Lock' AND waiting.datname = current_database()
ORDER BY waiting.state_change
LIMIT 20

-- name: select_open_transactions
SELECT pid, coalesce(state, 'unknown'), xact_start
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start <= %(before)s
ORDER BY xact_start
LIMIT 20

-- name: select_archiver
SELECT last_archived_time, last_failed_time, last_failed_wal FROM pg_stat_archiver

-- name: select_has_statements
SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'

-- name: select_slow_statements
-- Constants are replaced by $1, $2 there; the words are cut all the same.
SELECT queryid::text, calls, mean_exec_time, total_exec_time, rows, left(regexp_replace(query, '\s+', ' ', 'g'), 100)
FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid IS NOT NULL
ORDER BY total_exec_time DESC
LIMIT 10

-- name: select_migrations
SELECT number, phase FROM migration ORDER BY number

-- name: select_is_migrated
SELECT to_regclass('migration') IS NOT NULL
